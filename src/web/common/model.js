// What the pages ask the API for, in one place.
import { get, query } from './api.js';

// A list reply is {items: […], next?}; some short lists come bare.
export const rows = (reply) => (Array.isArray(reply) ? reply : reply?.items ?? []);
const list = async (path, parameters = {}) => rows(await get(query(path, parameters)));

export const procedures = (q) => list('/v1/procedures', { q });
export const procedure = (code) => get(`/v1/procedures/${encodeURIComponent(code)}`);
export const units = (parameters) => list('/v1/units', parameters);
export const communes = (q) => list('/v1/communes', { q });
export const dossiers = (parameters) => list('/v1/dossiers', parameters);
export const held = () => list('/v1/custody/held', { limit: 500 });
export const handovers = (parameters) => list('/v1/custody/handovers', parameters);
export const containers = (parameters) => list('/v1/containers', parameters);
export const exceptions = (parameters) => list('/v1/custody/exceptions', parameters);
export const item = (code) => get(`/v1/custody/items/${encodeURIComponent(code)}`);
export const container = (id) => get(`/v1/containers/${encodeURIComponent(id)}`);
export const handover = (id) => get(`/v1/custody/handovers/${encodeURIComponent(id)}`);
export const accounts = (parameters) => list('/v1/accounts', parameters);

export const label = (number, form, parameters = {}) =>
    query(`/v1/labels/${encodeURIComponent(number)}.${form}`, parameters);
export const track = (number) => `/t/${encodeURIComponent(number)}`;
export const paper = (id) => `/v1/custody/handovers/${encodeURIComponent(id)}.pdf`;
