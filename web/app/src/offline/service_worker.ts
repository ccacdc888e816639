// Keeps the application itself in the browser, so that it starts with no network: the shell, its scripts and the module, each
// under the hash of its content. What people work with is not here: the engine keeps it, by user (IndexedDB), and nothing of
// the server's API is ever cached.
//
// Invariant: a build is installed as a whole or not at all, and runs until a page asks for the next one; what neither it nor
// the next one needs is removed.
/// <reference lib="webworker" />
interface Scope extends ServiceWorkerGlobalScope {
  /** Path → hash of every file of this build; put before this script by the build (vite.config.ts). */
  readonly SHELL: Readonly<Record<string, string>>;
}

const scope = globalThis as unknown as Scope;
const { SHELL } = scope;
const CACHE = 'syncline-shell';
const PAGE = '/index.html';
/** Pages that the server makes itself. */
const SERVERS_OWN = /^\/(api|metrics|healthz|readyz)(\/|$)/;

const addressOf = (path: string): string => `${path}?${SHELL[path]}`;

async function hashOf(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function keep(cache: Cache, path: string): Promise<void> {
  if (await cache.match(addressOf(path))) return;
  // Names in assets hold their own hash; all else is asked for anew.
  const response = await fetch(path, { cache: path.startsWith('/assets/') ? 'default' : 'no-cache' });
  const hash = await hashOf(await response.clone().arrayBuffer());
  // A captive portal's page, or a file of another build: then this one is not installed.
  if (!response.ok || hash !== SHELL[path]) throw new Error(`${path} is not of this build`);
  await cache.put(addressOf(path), response);
}

async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  await Promise.all(Object.keys(SHELL).map((path) => keep(cache, path)));
}

async function activate(): Promise<void> {
  const cache = await caches.open(CACHE);
  const needed = new Set(Object.keys(SHELL).map((path) => new URL(addressOf(path), scope.location.origin).href));
  await Promise.all((await cache.keys()).filter(({ url }) => !needed.has(url)).map((request) => cache.delete(request)));
  await scope.clients.claim();
}

/** From the network where the browser has thrown the copy away. */
async function answer(path: string, request: Request): Promise<Response> {
  return (await caches.match(addressOf(path))) ?? fetch(request);
}

scope.addEventListener('install', (event) => event.waitUntil(install()));
scope.addEventListener('activate', (event) => event.waitUntil(activate()));
scope.addEventListener('message', ({ data }) => {
  if (data === 'activate') void scope.skipWaiting();
});
scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== scope.location.origin) return;
  const path = pathname in SHELL ? pathname : request.mode === 'navigate' && !SERVERS_OWN.test(pathname) ? PAGE : null;
  if (path) event.respondWith(answer(path, request));
});
