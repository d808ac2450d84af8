import type { Readable } from 'node:stream';
import { Credential, Public } from '@bascule/access';
import { uuid } from '@bascule/contracts';
import { ApiConsumes, ApiOperation, sentTypeHeader } from '@bascule/platform';
import { Body, Delete, Head, Headers, HttpCode, Options, Param, Patch, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { ResumableUploads } from './resumable-uploads.js';
import { bytesOf, pieceType, tusHeaders } from './tus-headers.js';
import type { UploadEntity, UploadState } from './upload.entity.js';
import type { UploadErrors } from './upload-errors.js';

/** Resumable uploads by tus 1.0 (https://tus.io): core, creation, expiration and termination. A service's controller says who may send, and how one begins. */
export abstract class TusController<U extends UploadEntity> {
  /** @param becameHeader header of the answer to the last byte, with what the upload became */
  protected constructor(
    private readonly resumable: ResumableUploads<U>,
    private readonly errors: UploadErrors,
    private readonly becameHeader: string,
  ) {}

  @Options()
  @Public()
  @HttpCode(204)
  @ApiOperation({ summary: 'What of tus 1.0 is spoken' })
  describe(@Res({ passthrough: true }) reply: FastifyReply): void {
    void reply.headers({ ...tusHeaders, 'tus-version': '1.0.0', 'tus-extension': 'creation,expiration,termination' });
  }

  @Head(':id')
  @ApiOperation({ summary: 'How much of an upload is there (Upload-Offset)' })
  async offset(
    @Param('id', { schema: uuid }) id: string,
    @Credential() credential: Credential,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const state = await this.resumable.get(id, credential);
    void reply.headers({ ...this.headersOf(state), ...this.describeUpload(state.upload), 'upload-length': state.upload.lengthBytes });
  }

  @Patch(':id')
  @HttpCode(204)
  @ApiConsumes(pieceType)
  @ApiOperation({ summary: 'Send bytes from Upload-Offset on; a header of the answer to the last of them says what the upload became' })
  async append(
    @Param('id', { schema: uuid }) id: string,
    @Headers('upload-offset') offset: string | undefined,
    @Headers(sentTypeHeader) contentType: string | undefined,
    @Body() body: Readable | undefined,
    @Credential() credential: Credential,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (contentType !== pieceType || !body) throw this.errors.invalid({}, `the body is not ${pieceType}`);
    const state = await this.resumable.append(id, bytesOf('Upload-Offset', offset, this.errors), body, credential);
    void reply.headers(this.headersOf(state));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Give an upload up' })
  async remove(
    @Param('id', { schema: uuid }) id: string,
    @Credential() credential: Credential,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.resumable.remove(id, credential);
    void reply.headers(tusHeaders);
  }

  /** Further headers of the answer to HEAD. */
  protected describeUpload(_upload: U): Record<string, string> {
    return {};
  }

  private headersOf({ upload, offsetBytes }: UploadState<U>): Record<string, string | number> {
    const became: Record<string, string> = upload.became === null ? {} : { [this.becameHeader]: upload.became };
    return { ...tusHeaders, ...became, 'upload-offset': offsetBytes, 'upload-expires': upload.expiresAt.toUTCString() };
  }
}
