import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type Credential as Caller, Credential, datasetNotAllowed, modelNotAllowed, Roles } from '@bascule/access';
import { ApiOperation, ApiResponse, ApiTags, Logger, Problems } from '@bascule/platform';
import { type BeforeApplicationShutdown, Controller, Get, Headers, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { runNotFound } from '../errors.js';
import { requireNames } from '../pipelines/pipeline-names.js';
import { type RunEvent, RunEventsService } from './run-events.service.js';
import { isFinal } from './run-state.js';
import { runId } from './runs.schema.js';
import { RunsService } from './runs.service.js';

const pollMs = 300;
const eventsPerRead = 500;
const heartbeatMs = 15_000;
/** A stream ends after so long, and its reader comes back: with its key as it is by then. */
const longestMs = 1_800_000;

const description = `Server-sent events: \`state\`, \`progress\`, \`log\` and \`metric\`, numbered from 1 in the order of the run, from the first one on or
from the one after \`Last-Event-ID\`. The event \`end\` says that no more will come.`;

/** What a run tells, live. */
@ApiTags('runs')
@Controller('v1/runs')
export class RunStreamController implements BeforeApplicationShutdown {
  private readonly stopping = new AbortController();

  constructor(
    private readonly runs: RunsService,
    private readonly events: RunEventsService,
    private readonly log: Logger,
  ) {}

  beforeApplicationShutdown(): void {
    // readers come back to another replica, and go on where they were
    this.stopping.abort();
  }

  @Get(':id/events')
  @Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
  @ApiOperation({ summary: 'Follow a run: its states, progress, log and metrics', description })
  @ApiResponse({ status: 200, content: { 'text/event-stream': { schema: { type: 'string' } } } })
  @Problems(datasetNotAllowed, modelNotAllowed, runNotFound)
  async follow(
    @Param('id', { schema: runId }) id: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Credential() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    requireNames(caller, await this.runs.get(id));
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    const gone = new AbortController();
    raw.once('close', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, this.stopping.signal, AbortSignal.timeout(longestMs)]);
    try {
      await this.send(id, afterOf(lastEventId), (text) => write(raw, text, signal), signal);
    } catch (error) {
      if (!signal.aborted) this.log.warn({ err: error, runId: id }, 'a stream of run events broke off');
    }
    raw.end();
  }

  private async send(id: string, after: number, write: (text: string) => Promise<void>, signal: AbortSignal): Promise<void> {
    let [last, quietMs] = [after, 0];
    await write(`retry: 1000\n\n`);
    while (!signal.aborted) {
      // asked before the events are read: what ended the run was told before it was final
      const { status } = await this.runs.get(id);
      const events = await this.events.listAfter(id, last, eventsPerRead);
      for (const event of events) await write(textOf(event));
      last = events.at(-1)?.sequence ?? last;
      if (events.length > 0) quietMs = 0;
      else if (isFinal(status)) return write(`event: end\ndata: ${JSON.stringify({ status })}\n\n`);
      if (events.length === eventsPerRead) continue;
      if (quietMs >= heartbeatMs) {
        await write(': still here\n\n');
        quietMs = 0;
      }
      await delay(pollMs, undefined, { signal });
      quietMs += pollMs;
    }
  }
}

function afterOf(lastEventId: string | undefined): number {
  return lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : 0;
}

function textOf({ sequence, kind, at, attempt, data }: RunEvent): string {
  return `id: ${sequence}\nevent: ${kind}\ndata: ${JSON.stringify({ at, attempt, ...data })}\n\n`;
}

/** Waits for a slow reader instead of keeping for it what it does not take. */
async function write(raw: FastifyReply['raw'], text: string, signal: AbortSignal): Promise<void> {
  if (raw.write(text)) return;
  await once(raw, 'drain', { signal });
}
