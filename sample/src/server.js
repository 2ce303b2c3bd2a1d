import { createServer } from 'node:http';
import { answer } from './routes.js';

const port = Number(process.env.PORT ?? 3000);

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { status, value } = answer(request.method, new URL(request.url, 'http://localhost'), body);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(value, undefined, 2)}\n`);
});

server.listen(port, () => console.log(`listening on port ${port}`));

// Docker stops a container with SIGTERM and kills it ten seconds later.
process.once('SIGTERM', () => server.close(() => process.exit(0)));
