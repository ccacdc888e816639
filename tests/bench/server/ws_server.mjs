// The npm package ws as it is commonly used: what arrives at /trigger goes to everybody else.
import { createRequire } from 'node:module';

const { WebSocketServer } = createRequire(new URL('../../../web/', import.meta.url))('ws');
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
const receivers = new Set();

server.on('connection', (socket, request) => {
  if (request.url !== '/trigger') {
    receivers.add(socket);
    return;
  }
  socket.on('message', (frame) => {
    for (const receiver of receivers) receiver.send(frame);
  });
});
server.on('listening', () => console.log(`http://127.0.0.1:${server.address().port}`));
