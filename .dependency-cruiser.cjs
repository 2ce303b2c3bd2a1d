/**
 * Who may know whom. The rows of the agent are listed from low to high in AGENT_ROWS; a file imports only lower rows or
 * its own folder. See ARCHITECTURE.md.
 */
const AGENT_ROWS = [
  ['host'],
  ['state', 'events'],
  ['content', 'snapshots', 'registry'],
  ['images', 'network', 'volumes', 'runtime', 'sync', 'debug'],
  ['logging'],
  ['containers'],
  ['compose', 'devcontainer', 'build'],
  ['buildkit'],
  ['api', 'cli'],
];
const agent = 'runtime-agent/src/';
const rowRules = AGENT_ROWS.flatMap((row, i) =>
  row.map((folder) => {
    const forbidden = [...AGENT_ROWS.slice(i + 1).flat(), ...row.filter((f) => f !== folder)];
    return {
      name: `agent-${folder}-imports-lower-rows-only`,
      severity: 'error',
      from: { path: `^${agent}${folder}/` },
      to: { path: `^${agent}((${forbidden.join('|')})/|(main|engine)[.]ts)` },
    };
  }),
);

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'model-is-pure',
      comment: 'model/ holds data and functions: no I/O, no node:, no vscode, only parsers',
      severity: 'error',
      from: { path: '^model/', pathNot: '[.]test[.]ts$|/rule-check[.]ts$' },
      to: {
        pathNot: '^model/|^node_modules/(yaml|jsonc-parser|vscode-languageserver-types|@docker/node-sdk)(/|$)',
      },
    },
    {
      name: 'client-knows-only-model',
      severity: 'error',
      from: { path: '^client/' },
      to: { path: '^(server|runtime-agent|tools|test)/' },
    },
    {
      name: 'server-knows-only-model',
      severity: 'error',
      from: { path: '^server/' },
      to: { path: '^(client|runtime-agent|tools|test)/|^node_modules/vscode-languageclient' },
    },
    {
      name: 'agent-knows-only-model',
      severity: 'error',
      from: { path: '^runtime-agent/' },
      to: { path: '^(client|server|tools|test)/' },
    },
    {
      name: 'lsp-types-stay-in-lsp',
      severity: 'error',
      from: { path: '^server/src/(rules|dockerfile|compose)/' },
      to: { path: '^node_modules/vscode-languageserver' },
    },
    {
      name: 'only-host-touches-programs-and-kernel',
      comment: 'every program started and every kernel contact of the agent is behind host/',
      severity: 'error',
      from: { path: `^${agent}`, pathNot: `^${agent}host/|[.]test[.]ts$` },
      to: { path: '^(node:)?(child_process|worker_threads|cluster)$' },
    },
    ...rowRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/|^artifacts/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.cjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
