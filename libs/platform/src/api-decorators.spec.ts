import * as swagger from '@nestjs/swagger';
import { expect, it } from 'vitest';
import { z } from 'zod';
import * as ours from './api-decorators.js';
import { defineError } from './define-error.js';
import { problemsExtension } from './problem-scope.js';

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

it('names the errors of an operation, and of all operations of a controller', () => {
  const [own, common] = ['own', 'common'].map((code) => defineError({ code: `test.${code}`, kind: 'conflict', title: 't', remedy: 'r' }));
  class Base {
    @ours.ApiOperation({ summary: 'Close it' })
    close() {}
    helper() {}
  }
  class Controller extends Base {
    @ours.Problems(own!)
    @ours.ApiOperation({ summary: 'Open it' })
    open() {}
  }
  // as the decorators of routes do before that of the class
  for (const method of [Base.prototype.close, Controller.prototype.open]) Reflect.defineMetadata('path', '/', method);
  ours.Problems(common!)(Controller);
  const codes = (method: object) => Reflect.getMetadata('swagger/apiOperation', method)?.[problemsExtension];
  expect(codes(Controller.prototype.open)).toEqual(['test.own', 'test.common']);
  expect(codes(Controller.prototype.close)).toEqual(['test.common']);
  expect(codes(Controller.prototype.helper)).toBeUndefined();
});

it('leaves the metadata that the description is made from', () => {
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value, (key, entry) => (key === 'standardSchema' ? 'schema' : entry)));
  expect(plain(metadataOf(ours))).toEqual(plain(metadataOf(swagger)));
});
