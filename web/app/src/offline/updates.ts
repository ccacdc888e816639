// The copy of the application that this browser keeps (service_worker.ts): made when the first page is at rest, compared with
// the server's from time to time, and exchanged when somebody reloads.
import { useSyncExternalStore } from 'react';

const SCRIPT = '/service_worker.js';
const LOOK_EVERY_MS = 60 * 60_000;
const LOOK_AGAIN_AFTER_MS = 30_000;
/** Whoever reloads is waiting; with no new version in this time the one that is here is loaded again. */
const EXCHANGE_PATIENCE_MS = 10_000;

const workers = (): ServiceWorkerContainer | undefined =>
  import.meta.env.PROD && 'serviceWorker' in navigator ? navigator.serviceWorker : undefined;

const listeners = new Set<() => void>();
let ready = false;
let lookedAt = 0;

function announce(): void {
  ready = true;
  listeners.forEach((listener) => listener());
}

/** A newer version is here, and a reload would bring it. */
export function useUpdateReady(): boolean {
  return useSyncExternalStore((changed) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, () => ready);
}

/** Resolves when this worker is installed, or will never be. */
function installed(worker: ServiceWorker): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (worker.state !== 'installing') resolve();
    };
    worker.addEventListener('statechange', look);
    look();
  });
}

function watch(registration: ServiceWorkerRegistration): void {
  const tell = (): void => {
    // The first copy ever is of the version that runs.
    if (registration.waiting && workers()!.controller) announce();
  };
  registration.addEventListener('updatefound', () => {
    if (registration.installing) void installed(registration.installing).then(tell);
  });
  tell();
  setInterval(lookForUpdate, LOOK_EVERY_MS);
}

/** Keeps a copy of the application in this browser. */
export function startOffline(): void {
  const container = workers();
  if (!container) return;
  // Another tab has brought the new version: this one still runs the old, whose files are gone.
  const hadOne = container.controller !== null;
  container.addEventListener('controllerchange', () => {
    if (hadOne) announce();
  });
  const register = (): void => {
    container.register(SCRIPT).then(watch, (error: unknown) => console.warn('syncline: no offline copy of the application', error));
  };
  const whenIdle = (): void => void ('requestIdleCallback' in window ? window.requestIdleCallback(register) : setTimeout(register, 1_000));
  if (document.readyState === 'complete') whenIdle();
  else window.addEventListener('load', whenIdle, { once: true });
}

/** The server may have been exchanged: asks it for its version of the application, not too often. */
export function lookForUpdate(): void {
  if (Date.now() - lookedAt < LOOK_AGAIN_AFTER_MS) return;
  lookedAt = Date.now();
  void workers()?.getRegistration().then((registration) => registration?.update()).catch(() => undefined);
}

async function exchange(container: ServiceWorkerContainer): Promise<void> {
  const registration = await container.getRegistration();
  if (!registration) return;
  if (!registration.waiting) await registration.update();
  if (registration.installing) await installed(registration.installing);
  if (!registration.waiting) return;
  const exchanged = new Promise((resolve) => container.addEventListener('controllerchange', resolve, { once: true }));
  registration.waiting.postMessage('activate');
  await exchanged;
}

/** Reloads the page, with the server's version of the application where that can be had. */
export async function reloadApplication(): Promise<void> {
  const container = workers();
  if (container) {
    const late = new Promise((resolve) => setTimeout(resolve, EXCHANGE_PATIENCE_MS));
    await Promise.race([exchange(container).catch(() => undefined), late]);
  }
  window.location.reload();
}
