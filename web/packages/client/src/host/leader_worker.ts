// The worker that leads: started by the tab that has the election's lock, ended with it.
/// <reference lib="webworker" />
import { HostSlot } from './host_slot.ts';
import { lead, type LeaderOrder } from './leader.ts';
import { startAlone } from './start_alone.ts';

const slot = new HostSlot(startAlone);

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

scope.onmessage = ({ data, ports }: MessageEvent<LeaderOrder>) => {
  if (data.type === 'leave') {
    void slot.leave().then(() => scope.postMessage('left'));
    return;
  }
  const own = ports[0]!;
  lead(data.name, data.term, data.tab, own, slot);
};
