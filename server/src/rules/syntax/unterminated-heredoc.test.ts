import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { unterminatedHeredoc } from './unterminated-heredoc.ts';

const { reports, fixes } = dockerfile();

test('no delimiter', () => {
  reports(unterminatedHeredoc, 'FROM a\nRUN «<<EOF»\nb', "unterminated heredoc: the line 'EOF' is missing");
  fixes(unterminatedHeredoc, 'FROM a\nRUN <<EOF\nb', 'FROM a\nRUN <<EOF\nb\nEOF\n');
  reports(unterminatedHeredoc, 'FROM a\nRUN <<EOF\nb\nEOF');
});
