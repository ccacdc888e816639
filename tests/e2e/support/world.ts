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
export interface World<B extends Closes> {
  readonly server: TestServer;
  readonly proxy: FaultProxy;
  readonly browser: B;
  readonly rest: RestClient;
  /** Of leads. */
  readonly log: ChangeLog;
}

/** Called at the top of a file; what it answers is filled before the first test, and gone after the last. */
export function startWorld(): World<Browser>;
export function startWorld<B extends Closes>(open: () => Promise<B>): World<B>;
export function startWorld(open: () => Promise<Closes> = launch): World<Closes> {
  const world = {} as { -readonly [K in keyof World<Closes>]?: World<Closes>[K] };
  beforeAll(async () => {
    world.server = await TestServer.start();
    world.proxy = await FaultProxy.start(world.server.port);
    world.rest = await RestClient.login(world.server.url, admin);
    world.log = await ChangeLog.listen(world.server.url, ['leads']);
    world.browser = await open();
  });
  afterAll(async () => {
    world.log?.close();
    await world.browser?.close();
    await world.proxy?.stop();
    await world.server?.stop();
  });
  return world as World<Closes>;
}
