/** docs/performance.md: one section per suite, each replaced by the suite's last whole run. */
import { readFile, writeFile } from 'node:fs/promises';

const HEAD = `# Performance

Measured by \`npm run bench -- SUITE…\`, which writes this page. All contenders run on the same machine in one run and take
turns round by round; what is shown is the median (and the quartiles), and Slipway's median divided by the other's. Numbers
of different runs or machines cannot be compared; ratios can.
`;

const begin = (suite: string): string => `<!-- bench ${suite} -->`;
const end = (suite: string): string => `<!-- /bench ${suite} -->`;

/** The page with this suite's section in its place, or at the end. */
export function withSection(page: string, suite: string, section: string): string {
  const block = `${begin(suite)}\n${section.trim()}\n${end(suite)}`;
  const from = page.indexOf(begin(suite));
  const to = page.indexOf(end(suite));
  if (from >= 0 && to > from) return page.slice(0, from) + block + page.slice(to + end(suite).length);
  return `${(page === '' ? HEAD : page).trimEnd()}\n\n${block}\n`;
}

export async function writeSection(file: string, suite: string, section: string): Promise<void> {
  const page = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  await writeFile(file, withSection(page, suite, section));
}
