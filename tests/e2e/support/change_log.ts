// What the server commits, in its order, from the moment of listening: told by /events, as an integration hears it.
import { admin, until } from './server.ts';

interface Change {
  readonly type: string;
  readonly recordId: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Edits of a lead (field, what is typed), one of each field: rapid edits of one field would fold into one change (SEMANTICS 11),
 * and nobody can be in conflict with a change of another field.
 */
export const STEPS: readonly (readonly [string, string])[] = [
  ['email', 'step@example.com'], ['phone', '+44 20 7946 0001'], ['companyName', 'Step Ltd'], ['score', '41'], ['value', '12'], ['jobTitle', 'Stepper'],
];

export class ChangeLog {
  private readonly changes: Change[] = [];
  private listening = false;

  private constructor(private readonly socket: WebSocket) {
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(String(data)) as Change;
      if (message.type === 'subscribed') this.listening = true;
      else if (message.recordId) this.changes.push(message);
    };
  }

  static async listen(url: string, rooms: readonly string[]): Promise<ChangeLog> {
    const answer = await fetch(`${url}/api/auth/login`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(admin),
    });
    const { accessToken } = (await answer.json()) as { accessToken: string };
    const socket = new WebSocket(`${url.replace('http', 'ws')}/events`, 'syncline.events.v1');
    const log = new ChangeLog(socket);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    socket.send(JSON.stringify({ type: 'auth', token: accessToken }));
    socket.send(JSON.stringify({ type: 'subscribe', rooms }));
    await until('the change log listens', () => log.listening);
    return log;
  }

  /** What was written into this field of this record, in order. */
  values(record: string, field: string): unknown[] {
    return this.changes.filter(({ recordId, data }) => recordId === record && field in data).map(({ data }) => data[field]);
  }
  /** Which of these fields of this record were written, in order. */
  fields(record: string, of: readonly string[]): string[] {
    return this.changes.filter(({ recordId, type }) => recordId === record && type.endsWith('_updated')).flatMap(({ data }) => of.filter((field) => field in data));
  }
  /** Records of which a change of this type was told, one entry for each. */
  records(type: string): string[] {
    return this.changes.filter((change) => change.type === type).map(({ recordId }) => recordId);
  }

  close(): void {
    this.socket.close();
  }
}
