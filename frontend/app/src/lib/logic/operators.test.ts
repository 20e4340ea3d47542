import { describe, expect, test } from 'vitest';
import {
  operatorText,
  parseSearch,
  searchText,
  toQuery,
  withOperator,
  withoutOperator,
} from './operators';

const names = {
  agents: [{ id: 'a1', name: 'Marta Lindqvist' }],
  teams: [{ id: 't1', name: 'Nordics' }],
  inboxes: [],
};

describe('search operators', () => {
  test('words and operators are told apart in any order', () => {
    const search = parseSearch('broken is:open zip -tag:spam');
    expect(search.text).toBe('broken zip');
    expect(search.operators.map(operatorText)).toEqual(['is:open', '-tag:spam']);
  });
  test('an address or an unknown word with a colon stays text', () => {
    expect(parseSearch('re:order https://x.example -is:open').operators).toEqual([]);
  });
  test('several tags are all required, excluded ones go their own way', () => {
    expect(toQuery(parseSearch('tag:a tag:"b c" -tag:spam'), names)).toEqual({
      tag: ['a', 'b c'],
      not_tag: ['spam'],
    });
  });
  test('people and teams are found by name', () => {
    expect(toQuery(parseSearch('assignee:marta team:nordics'), names)).toEqual({
      assignee: 'a1',
      team: 't1',
    });
    expect(toQuery(parseSearch('assignee:me'), names)).toEqual({ assignee: 'me' });
  });
  test('open leaves out what is snoozed', () => {
    expect(toQuery(parseSearch('is:open'), names)).toEqual({
      status: ['new', 'open', 'pending', 'on_hold'],
      snoozed: false,
    });
  });
  test('adding replaces the same question, except tags, and removing gives back the text', () => {
    let search = parseSearch('is:open hello');
    search = withOperator(search, { name: 'is', value: 'unread', negated: false });
    search = withOperator(search, { name: 'tag', value: 'vip', negated: false });
    expect(searchText(search)).toBe('is:unread tag:vip hello');
    search = withoutOperator(search, { name: 'is', value: 'unread', negated: false });
    expect(searchText(search)).toBe('tag:vip hello');
  });
});
