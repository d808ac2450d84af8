import { z } from 'zod';

export const switchReason = z.object({ reason: z.string().trim().min(1).max(2000) });
export type SwitchReason = z.infer<typeof switchReason>;
