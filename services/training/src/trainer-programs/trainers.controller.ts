import { Roles } from '@bascule/access';
import { ApiOperation, ApiTags } from '@bascule/platform';
import { Controller, Get } from '@nestjs/common';
import { trainerSchemas } from './program-job.schema.js';
import { TrainersService, type TrainerView } from './trainers.service.js';

@ApiTags('trainers')
@Controller('v1/trainers')
@Roles('scientist', 'operator', 'approver', 'auditor', 'admin')
export class TrainersController {
  constructor(private readonly trainers: TrainersService) {}

  @Get()
  @ApiOperation({ summary: 'List the trainers a pipeline may name' })
  list(): { items: TrainerView[] } {
    return { items: this.trainers.list() };
  }

  @Get('schemas')
  @ApiOperation({ summary: 'JSON Schemas of `job.json` and of the lines a trainer program writes' })
  schemas(): { job: object; progress: object } {
    return trainerSchemas();
  }
}
