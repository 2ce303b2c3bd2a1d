import { conformance } from './conformance.ts';
import { STREAMS } from './rows/streams.ts';

conformance('streams', STREAMS);
