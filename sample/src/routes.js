import { greet } from './greeting.js';
import { addNote, listNotes } from './notes.js';

/** Answers one request; change something here, save, and ask again. */
export function answer(method, url, body) {
  switch (`${method} ${url.pathname}`) {
    case 'GET /':
      return ok({ routes: ['GET /greeting?name=…', 'GET /notes', 'POST /notes', 'GET /healthz'] });
    case 'GET /greeting':
      return ok({ message: greet(url.searchParams.get('name') ?? 'world') });
    case 'GET /notes':
      return ok(listNotes());
    case 'POST /notes':
      return { status: 201, value: addNote(body) };
    case 'GET /healthz':
      return ok({ healthy: true, uptime: process.uptime() });
    default:
      return { status: 404, value: { error: `no route for ${method} ${url.pathname}` } };
  }
}

function ok(value) {
  return { status: 200, value };
}
