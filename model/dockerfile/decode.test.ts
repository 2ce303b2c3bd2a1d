import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeInstruction } from './decode.ts';
import { parseDockerfile } from './syntax/parse.ts';

function decode(text: string) {
  const tree = parseDockerfile(text);
  const [instruction] = tree.instructions;
  assert.ok(instruction, text);
  return decodeInstruction(instruction, text, tree.escape);
}

const commandOf = (text: string): unknown => {
  const decoded = decode(text);
  assert.equal(decoded.error, undefined, text);
  return 'command' in decoded ? decoded.command : undefined;
};
const errorOf = (text: string): string | undefined => decode(text).error;
const shell = (line: string) => ({ form: 'shell', line });
const exec = (...argv: string[]) => ({ form: 'exec', argv });

test('FROM', () => {
  assert.deepEqual(commandOf('FROM a'), { kind: 'FROM', image: 'a' });
  assert.deepEqual(commandOf('from --platform=$P a:1 as Build'), {
    kind: 'FROM',
    image: 'a:1',
    platform: '$P',
    name: 'build',
  });
  assert.equal(errorOf('FROM'), 'FROM requires either one or three arguments');
  assert.equal(errorOf('FROM a b'), 'FROM requires either one or three arguments');
  assert.equal(errorOf('FROM a to b'), 'FROM requires either one or three arguments');
  const rule = "name can't start with a number or contain symbols";
  assert.equal(errorOf('FROM a AS 1x'), `invalid name for build stage: "1x", ${rule}`);
  assert.equal(errorOf('FROM a AS "x"'), String.raw`invalid name for build stage: "\"x\"", ${rule}`);
});

test('ARG', () => {
  assert.deepEqual(commandOf('ARG a b=1 c="x y"'), {
    kind: 'ARG',
    args: [{ name: 'a' }, { name: 'b', value: '1' }, { name: 'c', value: '"x y"' }],
  });
  assert.deepEqual(commandOf('ARG --b a'), { kind: 'ARG', args: [{ name: 'a' }] });
  assert.equal(errorOf('ARG'), 'ARG requires at least one argument');
  assert.equal(errorOf('ARG =1'), 'ARG names can not be blank');
});

test('ENV and LABEL', () => {
  const pair = (name: string, value: string, legacy = false) => ({ name, value, legacy });
  assert.deepEqual(commandOf('ENV a=1 b="x y" c=x\\ y d='), {
    kind: 'ENV',
    pairs: [pair('a', '1'), pair('b', '"x y"'), pair('c', 'x\\ y'), pair('d', '')],
  });
  assert.deepEqual(commandOf('ENV a  1 2'), { kind: 'ENV', pairs: [pair('a', '1 2', true)] });
  assert.deepEqual(commandOf('LABEL "a b"=c'), { kind: 'LABEL', pairs: [pair('"a b"', 'c')] });
  assert.equal(errorOf('ENV a'), 'ENV must have two arguments');
  assert.equal(errorOf('ENV'), 'ENV requires at least one argument');
  assert.equal(errorOf('ENV a=1 b'), `Syntax error - can't find = in "b". Must be of the form: name=value`);
  assert.equal(errorOf('LABEL =x'), 'LABEL names can not be blank');
});

test('RUN', () => {
  const rest = { inline: [], mounts: [], network: 'default', security: 'sandbox' };
  assert.deepEqual(commandOf('RUN a  b'), { kind: 'RUN', command: shell('a  b'), ...rest });
  assert.deepEqual(commandOf('RUN ["a","$b"]'), { kind: 'RUN', command: exec('a', '$b'), ...rest });
  assert.deepEqual(commandOf('RUN [a, b]'), { kind: 'RUN', command: shell('[a, b]'), ...rest });
  assert.deepEqual(commandOf('RUN --network=none --mount=target=/x --mount=type=cache,target=$c x'), {
    kind: 'RUN',
    command: shell('x'),
    inline: [],
    mounts: ['target=/x', 'type=cache,target=$c'],
    network: 'none',
    security: 'sandbox',
  });
  assert.equal(errorOf('RUN [1]'), 'when using JSON array syntax, arrays must be comprised of strings only');
  assert.equal(errorOf('RUN --mount=type=x,target=/a true'), undefined, 'only the plan of its stage looks at it');
  assert.equal(errorOf('RUN --network=some true'), 'invalid network mode "some"');
  assert.equal(errorOf('RUN --security=some true'), 'invalid security mode "some"');
  assert.equal(errorOf('RUN --device=gpu true'), 'RUN --device is not supported');
});

test('RUN with here-documents', () => {
  const inline = (name: string, content: string, expand: boolean, written = content) => ({
    name,
    content,
    expand,
    written,
  });
  assert.deepEqual(commandOf('RUN <<EOF sh\necho\nEOF\n'), {
    kind: 'RUN',
    command: shell('<<EOF sh'),
    inline: [inline('EOF', 'echo\n', true)],
    mounts: [],
    network: 'default',
    security: 'sandbox',
  });
  const tabs = commandOf('RUN cat <<-"A" <<B\n\t1\n\tA\n\t2\nB\n') as { inline: unknown };
  assert.deepEqual(tabs.inline, [inline('A', '1\n', false, '\t1\n'), inline('B', '\t2\n', true)]);
});

test('COPY and ADD', () => {
  const plain = { link: false, parents: false, exclude: [] };
  assert.deepEqual(commandOf('COPY a b /c/'), {
    kind: 'COPY',
    sources: ['a', 'b'],
    inline: [],
    destination: '/c/',
    flags: plain,
  });
  assert.deepEqual(commandOf('COPY ["a b","c"]'), {
    kind: 'COPY',
    sources: ['a b'],
    inline: [],
    destination: 'c',
    flags: plain,
  });
  const flags = '--from=x --chown=1:$g --chmod="u=rw" --link --parents=false --exclude=*.a --exclude=b';
  assert.deepEqual(commandOf(`COPY ${flags} a /c`), {
    kind: 'COPY',
    sources: ['a'],
    inline: [],
    destination: '/c',
    flags: { from: 'x', chown: '1:$g', chmod: 'u=rw', link: true, parents: false, exclude: ['*.a', 'b'] },
  });
  assert.deepEqual(commandOf('ADD --checksum=sha256:1 --keep-git-dir --unpack=true https://h/x /'), {
    kind: 'ADD',
    sources: ['https://h/x'],
    inline: [],
    destination: '/',
    flags: { ...plain, keepGitDir: true, checksum: 'sha256:1', unpack: true },
  });
  const files = commandOf("COPY <<a.txt <<'b' x /d/\n$one\na.txt\n$two\nb\n");
  assert.deepEqual(files, {
    kind: 'COPY',
    sources: ['x'],
    inline: [
      { name: 'a.txt', content: '$one\n', expand: true },
      { name: 'b', content: '$two\n', expand: false },
    ],
    destination: '/d/',
    flags: plain,
  });
  const few = 'requires at least two arguments, but only one was provided. Destination could not be determined';
  assert.equal(errorOf('COPY a'), `COPY ${few}`);
  assert.equal(errorOf('ADD'), `ADD ${few}`);
  assert.equal(errorOf('COPY a <<b\nb\n'), 'COPY cannot accept a heredoc as a destination');
});

test('flags', () => {
  assert.equal(errorOf('COPY --foo=x a b'), 'unknown flag: --foo (did you mean from?)');
  assert.equal(errorOf('ENV --zzzzzz a=b'), 'unknown flag: --zzzzzz');
  assert.equal(errorOf('COPY --from=a --from=b c d'), 'duplicate flag specified: --from');
  assert.equal(errorOf('COPY --link --link c d'), 'duplicate flag specified: --link');
  assert.equal(errorOf('COPY --from c d'), 'missing a value on flag: --from');
  assert.equal(errorOf('COPY --link=maybe c d'), 'expecting boolean value for flag --link, not: maybe');
  assert.equal(errorOf('COPY --constructor=1 c d'), 'unknown flag: --constructor');
});

test('HEALTHCHECK', () => {
  assert.deepEqual(commandOf('HEALTHCHECK NONE'), { kind: 'HEALTHCHECK', command: undefined });
  const times = '--interval=3s --timeout=1m --start-period=2s --start-interval=500ms --retries=3';
  assert.deepEqual(commandOf(`HEALTHCHECK ${times} CMD curl -f x`), {
    kind: 'HEALTHCHECK',
    command: shell('curl -f x'),
    interval: 3e9,
    timeout: 60e9,
    startPeriod: 2e9,
    startInterval: 0.5e9,
    retries: 3,
  });
  assert.deepEqual(commandOf('healthcheck cmd ["a"]'), { kind: 'HEALTHCHECK', command: exec('a') });
  assert.equal(errorOf('HEALTHCHECK'), 'HEALTHCHECK requires at least one argument');
  assert.equal(errorOf('HEALTHCHECK CMD'), 'Missing command after HEALTHCHECK CMD');
  assert.equal(errorOf('HEALTHCHECK NONE x'), 'HEALTHCHECK NONE takes no arguments');
  assert.equal(errorOf('HEALTHCHECK TCP x'), 'Unknown type "TCP" in HEALTHCHECK (try CMD)');
  assert.equal(errorOf('HEALTHCHECK --interval=5 CMD x'), 'time: missing unit in duration "5"');
  assert.equal(errorOf('HEALTHCHECK --interval=5us CMD x'), 'Interval "interval" cannot be less than 1ms');
  assert.equal(errorOf('HEALTHCHECK --retries=-1 CMD x'), '--retries cannot be negative (-1)');
  assert.equal(errorOf('HEALTHCHECK --retries=many CMD x'), 'strconv.ParseInt: parsing "many": invalid syntax');
});

test('CMD, ENTRYPOINT and SHELL', () => {
  assert.deepEqual(commandOf('CMD'), { kind: 'CMD', command: shell('') });
  assert.deepEqual(commandOf('CMD []'), { kind: 'CMD', command: exec() });
  assert.deepEqual(commandOf('ENTRYPOINT ["a", "b c"]'), { kind: 'ENTRYPOINT', command: exec('a', 'b c') });
  assert.deepEqual(commandOf('SHELL ["bash","-c"]'), { kind: 'SHELL', argv: ['bash', '-c'] });
  assert.equal(errorOf('SHELL bash -c'), 'SHELL requires the arguments to be in JSON form');
  assert.equal(errorOf('SHELL []'), 'SHELL requires at least one argument');
});

test('instructions with values', () => {
  assert.deepEqual(commandOf('EXPOSE 80 $p/udp'), { kind: 'EXPOSE', values: ['80', '$p/udp'] });
  assert.deepEqual(commandOf('VOLUME ["/a b", "/c"]'), { kind: 'VOLUME', values: ['/a b', '/c'] });
  assert.deepEqual(commandOf('WORKDIR /a b'), { kind: 'WORKDIR', value: '/a b' });
  assert.deepEqual(commandOf('USER a:b'), { kind: 'USER', value: 'a:b' });
  assert.deepEqual(commandOf('STOPSIGNAL 9'), { kind: 'STOPSIGNAL', value: '9' });
  assert.deepEqual(commandOf('MAINTAINER A <a@b>'), { kind: 'MAINTAINER', value: 'A <a@b>' });
  assert.equal(errorOf('EXPOSE'), 'EXPOSE requires at least one argument');
  assert.equal(errorOf('VOLUME [""]'), 'VOLUME specified can not be an empty string');
  assert.equal(errorOf('WORKDIR'), 'WORKDIR requires exactly one argument');
});

test('ONBUILD', () => {
  assert.deepEqual(commandOf('ONBUILD RUN a \\\n  b'), { kind: 'ONBUILD', trigger: 'RUN a   b' });
  const document = commandOf('ONBUILD COPY <<a /b\n1\na\n');
  assert.deepEqual(document, { kind: 'ONBUILD', trigger: 'COPY <<a /b\n1\na' });
  assert.equal(errorOf('ONBUILD'), 'ONBUILD requires at least one argument');
  assert.equal(errorOf('ONBUILD ONBUILD RUN x'), "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  assert.equal(errorOf('ONBUILD FROM x'), "FROM isn't allowed as an ONBUILD trigger");
});

test('what is unknown is said with its place', () => {
  const text = '  # c\nNoSuch x';
  const decoded = decode(text);
  assert.equal(decoded.error, 'unknown instruction: NoSuch');
  assert.deepEqual('span' in decoded ? text.slice(decoded.span.start, decoded.span.end) : '', 'NoSuch');
  const flag = decode('COPY --frm=x a b');
  assert.deepEqual('span' in flag ? [flag.span.start, flag.span.end] : [], [5, 12]);
});

test('any arguments: a command or an error, never a throw', () => {
  const keywords =
    'FROM ARG ENV LABEL RUN COPY ADD HEALTHCHECK CMD ENTRYPOINT SHELL EXPOSE VOLUME USER ONBUILD X'.split(' ');
  fc.assert(
    fc.property(fc.constantFrom(...keywords), fc.string(), (keyword, rest) => {
      for (const instruction of parseDockerfile(`${keyword} ${rest}`).instructions) {
        const decoded = decodeInstruction(instruction, `${keyword} ${rest}`, '\\');
        assert.ok('command' in decoded !== (decoded.error !== undefined));
      }
    }),
    { numRuns: 500 },
  );
});
