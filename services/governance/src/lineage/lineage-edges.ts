/** One step of descent: `to` was made from `from`. Both are written `<kind>/<id>`. */
export interface LineageEdge {
  readonly from: string;
  readonly to: string;
}

/** The steps of descent an event tells of: batch → dataset version → run → model version. */
export function lineageEdgesOf(type: string, data: unknown): LineageEdge[] {
  return edgesOf(type, (data ?? {}) as Record<string, unknown>).filter(({ from, to }) => isUsable(from) && isUsable(to));
}

// an index of PostgreSQL takes no long texts and no NUL
function isUsable(id: string): boolean {
  return id.length <= 500 && !id.includes('\0');
}

function edgesOf(type: string, d: Record<string, unknown>): LineageEdge[] {
  switch (type) {
    case 'ingestion.dataset.published.v1':
      return [
        ...(d['parentVersion'] ? [{ from: `dataset/${d['parentVersion']}`, to: `dataset/${d['datasetVersion']}` }] : []),
        ...(Array.isArray(d['batchIds']) ? d['batchIds'] : []).map((id) => ({ from: `batch/${id}`, to: `dataset/${d['datasetVersion']}` })),
      ];
    case 'training.run.requested.v1':
      return [{ from: `dataset/${d['datasetVersion']}`, to: `run/${d['runId']}` }];
    case 'registry.version.registered.v1':
      return d['runId'] ? [{ from: `run/${d['runId']}`, to: `version/${d['modelName']}@${d['version']}` }] : [];
    default:
      return [];
  }
}
