import { conformance } from './conformance.ts';
import { FILES } from './rows/files.ts';

conformance('files', FILES);
