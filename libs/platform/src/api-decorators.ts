import 'reflect-metadata';
import type { z } from 'zod';
import type { ErrorFactory } from './define-error.js';
import { problemsExtension } from './problem-scope.js';

// These write what `@nestjs/swagger` reads. Its own decorators load the whole library, 6 MB in every process,
// although the description is only made when somebody asks for `/openapi.json`.

type Decorator = MethodDecorator & ClassDecorator;

/** What an operation does. */
export function ApiOperation(operation: { summary: string; description?: string }): MethodDecorator {
  return onMethod((method) => {
    const before = Reflect.getMetadata('swagger/apiOperation', method) as object | undefined;
    Reflect.defineMetadata('swagger/apiOperation', { ...before, ...operation }, method);
  });
}

/** The errors an operation may end in, beside those that go for every operation of its kind; on a controller, those of all its operations. */
export function Problems(...errors: readonly ErrorFactory[]): Decorator {
  const codes = errors.map(({ definition }) => definition.code);
  const note = (method: object) => {
    const before = Reflect.getMetadata('swagger/apiOperation', method) as Record<string, readonly string[]> | undefined;
    const known = before?.[problemsExtension] ?? [];
    Reflect.defineMetadata('swagger/apiOperation', { ...before, [problemsExtension]: [...new Set([...known, ...codes])] }, method);
  };
  const decorate = (target: object, _key?: string | symbol, descriptor?: TypedPropertyDescriptor<unknown>) => {
    if (descriptor) return note(descriptor.value as object);
    for (const method of methodsOf(target as { readonly prototype: object })) note(method);
  };
  return decorate as Decorator;
}

/** The operation, or every operation of the controller, needs no key. */
export function ApiOpen(): Decorator {
  return appendTo('swagger/apiSecurity', [{}]);
}

/** Groups the operations of a controller. */
export function ApiTags(...tags: string[]): Decorator {
  return appendTo('swagger/apiUseTags', tags);
}

/** Content types a body may have. */
export function ApiConsumes(...contentTypes: string[]): Decorator {
  return appendTo('swagger/apiConsumes', contentTypes);
}

/** The operation, or every operation of the controller, needs a key. */
export function ApiBearerAuth(name = 'key'): Decorator {
  return appendTo('swagger/apiSecurity', [{ [name]: [] }]);
}

/** A body that no zod schema describes, for example a file. */
export function ApiBody(body: { schema: object; description?: string; required?: boolean }): MethodDecorator {
  return onMethod((method) => {
    const before = (Reflect.getMetadata('swagger/apiParameters', method) ?? []) as object[];
    Reflect.defineMetadata('swagger/apiParameters', [...before, { in: 'body', type: String, required: true, ...body }], method);
  });
}

/** A header that the operation reads. */
export function ApiHeader(header: { name: string; description: string; required?: boolean }): MethodDecorator {
  return onMethod((method) => {
    const before = (Reflect.getMetadata('swagger/apiParameters', method) ?? []) as object[];
    Reflect.defineMetadata('swagger/apiParameters', [...before, { ...header, in: 'header', schema: { type: 'string' } }], method);
  });
}

/** An answer and its form. */
export function ApiResponse(answer: {
  status: number;
  description?: string;
  standardSchema?: z.ZodType;
  schema?: object;
  content?: object;
}): MethodDecorator {
  return onMethod((method) => {
    const { status, ...entry } = { description: '', ...answer };
    const before = Reflect.getMetadata('swagger/apiResponse', method) as object | undefined;
    Reflect.defineMetadata('swagger/apiResponse', { ...before, [status]: entry }, method);
  });
}

/** Those of a controller that answer requests, also where it has them from another class. */
function methodsOf({ prototype }: { readonly prototype: object }): object[] {
  const found: object[] = [];
  for (let from = prototype; from !== Object.prototype; from = Object.getPrototypeOf(from) as object) {
    for (const { value } of Object.values(Object.getOwnPropertyDescriptors(from)))
      if (typeof value === 'function' && Reflect.hasMetadata('path', value as object)) found.push(value as object);
  }
  return found;
}

function onMethod(write: (method: object) => void): MethodDecorator {
  return (_target, _key, descriptor) => write(descriptor.value as object);
}

function appendTo(metadataKey: string, values: readonly unknown[]): Decorator {
  const decorate = (target: object, _key?: string | symbol, descriptor?: TypedPropertyDescriptor<unknown>) => {
    const carrier = (descriptor?.value as object | undefined) ?? target;
    const before = (Reflect.getMetadata(metadataKey, carrier) ?? []) as unknown[];
    Reflect.defineMetadata(metadataKey, [...before, ...values], carrier);
  };
  return decorate as Decorator;
}
