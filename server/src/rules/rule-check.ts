/** The checker of rules for what the language server reads. */
import { createChecker } from '#model/rules/rule-check.ts';
import { createLineIndex } from '#model/text/line-index.ts';
import { readCompose } from '../compose/document.ts';
import { readDockerfile } from '../dockerfile/document.ts';
import { memoryFiles } from '../files.ts';
import type { Source } from '../language.ts';

function sourceAt(path: string, text: string, files: Readonly<Record<string, string>>): Source {
  return { uri: `file://${path}`, path, text, lines: createLineIndex(text), files: memoryFiles(files) };
}

export const compose = createChecker((text, files) => readCompose(sourceAt('/project/compose.yaml', text, files)));
export const dockerfile = createChecker((text, files) => readDockerfile(sourceAt('/project/Dockerfile', text, files)));
