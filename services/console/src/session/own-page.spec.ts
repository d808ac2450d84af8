import { expect, it } from 'vitest';
import { requireOwnPage } from './own-page.js';

it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'])('wants the header of the page for %s', (method) => {
  expect(() => requireOwnPage({ method, headers: {} })).toThrow('console.foreign_page');
  expect(() => requireOwnPage({ method, headers: { 'x-bascule-console': '0' } })).toThrow('console.foreign_page');
  expect(() => requireOwnPage({ method, headers: { 'x-bascule-console': '1' } })).not.toThrow();
});

it.each(['GET', 'HEAD'])('lets %s pass without it', (method) => {
  expect(() => requireOwnPage({ method, headers: {} })).not.toThrow();
});
