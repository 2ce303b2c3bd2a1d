import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PREDEFINED_ARGS } from '#model/dockerfile/predefined-args.ts';
import { applyEdits } from '#model/text/edit.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { documentAt } from './document-check.ts';
import { shellFindings } from './shell-findings.ts';
import { shellScripts } from './shell-scripts.ts';

function scripts(text: string): string[] {
  return shellScripts(documentAt(text).document).map(({ dialect, text: script }) => `${dialect}: ${script}`);
}

test('commands in shell form, each as one line', () => {
  const text =
    'FROM a\nRUN b && \\\n  # c\n  d\nCMD e\nENTRYPOINT ["f"]\nHEALTHCHECK --retries=1 CMD g\nHEALTHCHECK NONE\n';
  assert.deepEqual(scripts(text), ['sh: b &&   d', 'sh: e', 'sh: g']);
  assert.deepEqual(scripts('FROM a\nONBUILD RUN b'), ['sh: b']);
});

test('heredocs that a shell reads, not those of other programs', () => {
  assert.deepEqual(scripts('FROM a\nRUN <<E\nb\nE\n'), ['sh: b\n']);
  assert.deepEqual(scripts('FROM a\nRUN <<E\n#!/usr/bin/env bash\nb\nE\n'), ['bash: #!/usr/bin/env bash\nb\n']);
  assert.deepEqual(scripts('FROM a\nRUN <<E\n#!/usr/bin/python3\nb\nE\n'), []);
  assert.deepEqual(scripts('FROM a\nRUN bash <<E\nb\nE\nRUN python3 <<E\nb\nE\nCOPY <<E /x\nb\nE\n'), ['bash: b\n']);
});

test('the shell: by SHELL, by pragma, none for Windows', () => {
  assert.deepEqual(scripts('FROM a\nSHELL ["/bin/bash", "-c"]\nRUN b\nFROM c\nRUN d'), ['bash: b', 'sh: d']);
  assert.deepEqual(scripts('FROM a\nSHELL ["powershell"]\nRUN b'), []);
  assert.deepEqual(scripts('# hadolint shell=/bin/ash\nFROM a\nRUN b'), ['dash: b']);
  assert.deepEqual(scripts('FROM mcr.microsoft.com/windows/nanoserver\nRUN b'), []);
});

test('variables that are set, and any that may be given when the container starts', () => {
  const [run, cmd] = shellScripts(documentAt('ARG g\nFROM a\nARG x\nENV y=1\nRUN b\nCMD echo $z').document);
  assert.deepEqual(run?.variables, ['x', 'y', ...PREDEFINED_ARGS]);
  assert.deepEqual(cmd?.variables, ['x', 'y', ...PREDEFINED_ARGS, 'z']);
});

test('comments become findings at their places, with fixes, and can be switched off', () => {
  const found = (text: string) => {
    const { document } = documentAt(text);
    const [script] = shellScripts(document);
    assert.ok(script);
    const at = script.text.indexOf('$x');
    const comment = { start: at, end: at + 2, level: 'info', code: 2086, message: 'm' } as const;
    const replacements = [at, at + 2].map((offset) => ({ start: offset, end: offset, text: '"' }));
    const comments = [
      { ...comment, replacements },
      { ...comment, code: 1091, replacements: [] },
    ];
    return { document, findings: shellFindings(document, [{ script, comments }], DEFAULT_SETTINGS) };
  };
  const text = 'FROM a\nRUN a && \\\n  echo $x\n';
  const { document, findings } = found(text);
  assert.deepEqual(
    findings.map(({ rule, severity, span }) => [rule, severity, text.slice(span.start, span.end)]),
    [['SC2086', 'information', '$x']],
  );
  assert.match(findings[0]?.page ?? '', /shellcheck\.net/);
  assert.equal(applyEdits(document.text, findings[0]?.fixes?.[0]?.edits ?? []), text.replace('$x', '"$x"'));
  assert.deepEqual(found('FROM a\n# hadolint ignore=SC2086\nRUN echo $x\n').findings, []);
});
