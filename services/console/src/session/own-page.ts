import type { FastifyRequest } from 'fastify';
import { foreignPage } from '../errors.js';

/** The page's own header: a form of another site cannot set it. */
const pageHeader = 'x-bascule-console';
const reading = ['GET', 'HEAD'];

/** Lets a change pass only when the console's own page sent it. @throws console.foreign_page */
export function requireOwnPage({ method, headers }: Pick<FastifyRequest, 'method' | 'headers'>): void {
  if (!reading.includes(method) && headers[pageHeader] !== '1') throw foreignPage();
}
