// How good a picture one wants of each camera: the layer that the server is asked for, and which one it gives.

/** What a person can choose, best first. `share`: of the layers there are; 0 is the smallest picture. */
export const CHOICES = [
  { id: 'auto', label: 'Auto', share: 1, priority: 1 },
  // Where there is not room for everything, who was asked for by name comes first.
  { id: 'high', label: 'High', share: 1, priority: 10 },
  { id: 'medium', label: 'Medium', share: 0.5, priority: 1 },
  { id: 'low', label: 'Low', share: 0, priority: 1 },
];

/** How many sizes a consumer's picture comes in: streams of simulcast, or layers of SVC. */
export function sizesOf(consumer) {
  const [encoding] = consumer.rtpParameters.encodings;
  const [, sizes] = /^[LS](\d+)/.exec(encoding?.scalabilityMode ?? '') ?? [];
  return Number(sizes ?? 1);
}

/** The layer a choice stands for. */
export function layerOf(choice, sizes) {
  const { share } = CHOICES.find(({ id }) => id === choice);
  return Math.floor((sizes - 1) * share);
}

/** The name of a layer that the server gives. */
export function layerName(spatialLayer, sizes) {
  if (sizes < 2) return '';
  return ['high', 'medium', 'low'].find((choice) => layerOf(choice, sizes) <= spatialLayer);
}

/** Asks the server for a choice. */
export async function choose(request, consumer, choice) {
  const { priority } = CHOICES.find(({ id }) => id === choice);
  const consumerId = consumer.id;
  await request('set-consumer-preferred-layers', { consumerId, spatialLayer: layerOf(choice, sizesOf(consumer)) });
  await request('set-consumer-priority', { consumerId, priority });
}
