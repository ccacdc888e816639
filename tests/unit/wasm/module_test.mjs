// The module as the browser gets it: its imports are the pinned list (imports.txt; a new one means that something impure came
// in), its exports are ABI.md's table, and it starts and answers without any JS glue.
// usage: module_test.mjs <syncline.wasm>
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const here = new URL('.', import.meta.url);
const read = (path) => readFileSync(new URL(path, here), 'utf8');
const module = new WebAssembly.Module(readFileSync(process.argv[2]));

const imports = WebAssembly.Module.imports(module);
const names = imports.map((entry) => `${entry.module}.${entry.name}`).sort();
assert.deepEqual(names, read('imports.txt').trim().split('\n'));

const exported = WebAssembly.Module.exports(module).map((entry) => entry.name);
const documented = [...read('../../../wasm/ABI.md').matchAll(/\bsl_\w+(?=\()/g)].map((match) => match[0]);
assert.deepEqual(exported.filter((name) => name.startsWith('sl_')).sort(), [...new Set(documented)].sort());

const space = {};
for (const entry of imports) (space[entry.module] ??= {})[entry.name] = () => 0;
const { exports: core } = new WebAssembly.Instance(module, space);
core._initialize();
assert.equal(core.sl_abi_version(), 7);
assert.notEqual(core.sl_schema_hash(), 0n);
assert.equal(core.sl_next_timeout(), Infinity);

const call = (bytes) => {
  new Uint8Array(core.memory.buffer, core.sl_input(bytes.length), bytes.length).set(bytes);
  return core.sl_call(bytes.length, 1.795e12);
};
assert.equal(call([2, 0, 0, 0, 0]), -1, 'nothing works before create');
const client = new Array(16).fill(7);
const user = new Array(16).fill(8);
assert.equal(call([0, ...client, 1, 0, 0, 0, 0, 0, 0, 0, ...user, 0]), 0);
assert.equal(call([2, 1, 0, 0, 0, 65]), 0, 'a token');
const messages = [];
for (let size = core.sl_poll(); size > 0; size = core.sl_poll()) {
  messages.push(new Uint8Array(core.memory.buffer, core.sl_output(), size)[0]);
}
assert.deepEqual(messages, [7, 0], 'connection_changed, connect');
// A mutator nobody knows: an answer, and proof that C++ exceptions and errors stay inside.
const name = [...Buffer.from('no.such')];
assert.ok(call([8, name.length, 0, 0, 0, ...name, 0, 0, 0, 0, 0, 0, 0, 0]) > 0);
assert.equal(call([255]), -1);
console.log('module_test: passed');
