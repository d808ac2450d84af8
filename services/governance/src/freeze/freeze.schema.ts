import { z } from 'zod';

export const switchReason = z.strictObject({ reason: z.string().trim().min(1).max(2000) });
export type SwitchReason = z.infer<typeof switchReason>;
