import { Roles } from '@bascule/access';
import { ApiOperation, ApiResponse, ApiTags } from '@bascule/platform';
import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { SigningKey } from '../capture/signing-key.service.js';

const receiptKeys = z.object({ items: z.array(z.object({ verifierKey: z.string() })), nextCursor: z.null() }).meta({ id: 'ReceiptKeys' });

@ApiTags('receipts')
@Controller('v1/receipts')
@Roles('client', 'operator', 'scientist', 'approver', 'auditor', 'admin')
export class ReceiptsController {
  constructor(private readonly key: SigningKey) {}

  /** Names the key that receipts of this gateway are checked with. */
  @Get('keys')
  @ApiOperation({
    summary: 'Key that receipts are checked with',
    description: 'The audit log has the same key in `serving.gateway.started.v1`; whoever doubts the gateway takes it from there.',
  })
  @ApiResponse({ status: 200, standardSchema: receiptKeys })
  keys(): z.infer<typeof receiptKeys> {
    return { items: [{ verifierKey: this.key.verifierKey }], nextCursor: null };
  }
}
