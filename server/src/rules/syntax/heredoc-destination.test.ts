import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { heredocDestination } from './heredoc-destination.ts';

const { reports } = dockerfile();

test('the last word of COPY', () => {
  reports(heredocDestination, 'FROM a\nCOPY a «<<EOF»\nx\nEOF', 'COPY cannot accept a heredoc as a destination');
  reports(heredocDestination, 'FROM a\nCOPY <<EOF a\nx\nEOF');
});
