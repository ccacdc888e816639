// What stands around the application, the same for all tests of a file: the real server on a database of its own, a proxy before
// it that misbehaves on command, a browser, REST as an administrator uses it, and the record of what was committed.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launch } from './browser.ts';
import { ChangeLog } from './change_log.ts';
import { FaultProxy } from './fault_proxy.ts';
import { admin, RestClient, TestServer } from './server.ts';

interface Closes {
  close(): Promise<void>;
}
/** All but the browser. */
export interface Place {
  readonly server: TestServer;
  readonly proxy: FaultProxy;
  readonly rest: RestClient;
  /** Of leads. */
  readonly log: ChangeLog;
}
export interface World<B extends Closes> extends Place {
  readonly browser: B;
}

type Opening = { -readonly [K in keyof Place]?: Place[K] };

/** `place` is filled bit by bit: what is there can be closed when the rest fails. */
export async function openPlace(place: Opening): Promise<Place> {
  const server = (place.server = await TestServer.start());
  const proxy = (place.proxy = await FaultProxy.start(server.port));
  const rest = (place.rest = await RestClient.login(server.url, admin));
  const log = (place.log = await ChangeLog.listen(server.url, ['leads']));
  return { server, proxy, rest, log };
}
export async function closePlace(place: Partial<Place>): Promise<void> {
  place.log?.close();
  await place.proxy?.stop();
  await place.server?.stop();
}

/** Called at the top of a file; what it answers is filled before the first test, and gone after the last. */
export function startWorld(): World<Browser>;
export function startWorld<B extends Closes>(open: () => Promise<B>): World<B>;
export function startWorld(open: () => Promise<Closes> = launch): World<Closes> {
  const world = {} as { -readonly [K in keyof World<Closes>]?: World<Closes>[K] };
  beforeAll(async () => {
    await openPlace(world);
    world.browser = await open();
  });
  afterAll(async () => {
    await world.browser?.close();
    await closePlace(world);
  });
  return world as World<Closes>;
}
