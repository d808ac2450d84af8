import * as swagger from '@nestjs/swagger';
import { expect, it } from 'vitest';
import { z } from 'zod';
import * as ours from './api-decorators.js';

const view = z.object({ name: z.string() });

function metadataOf(api: typeof ours | typeof swagger) {
  const { ApiBearerAuth, ApiBody, ApiConsumes, ApiHeader, ApiOperation, ApiResponse, ApiTags } = api as typeof ours;
  @ApiTags('bridges')
  @ApiBearerAuth('key')
  class Controller {
    @ApiOperation({ summary: 'Open it' })
    @ApiConsumes('text/csv')
    @ApiHeader({ name: 'X-Toll', description: 'what was paid' })
    @ApiBody({ schema: { type: 'string', format: 'binary' } })
    @ApiResponse({ status: 201, standardSchema: view })
    open() {}
  }
  const read = (target: object) =>
    Object.fromEntries(
      Reflect.getMetadataKeys(target)
        .map((key) => [key, Reflect.getMetadata(key, target)])
        .filter(([key]) => String(key).startsWith('swagger/')),
    );
  return { ofClass: read(Controller), ofMethod: read(Controller.prototype.open) };
}

it('leaves the metadata that the description is made from', () => {
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value, (key, entry) => (key === 'standardSchema' ? 'schema' : entry)));
  expect(plain(metadataOf(ours))).toEqual(plain(metadataOf(swagger)));
});
