// Ed25519 in the browser: an engine is (signature, message, key) → true or false, or a promise of it.

const hex = (text) => Uint8Array.from(text.match(/../g), (pair_of) => parseInt(pair_of, 16));
export const bytes = (base64url) => Uint8Array.from(
    atob(base64url.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));

// Of RFC 8032, 7.1, the first: the signature of nothing.
const KNOWN = [hex('e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'),
    new Uint8Array(), hex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')];

// The browser's own: (signature, message, key) → true or false. Throws where it has none.
export async function own_engine(subtle = crypto.subtle) {
    const verify = async (signature, message, key) => subtle.verify({ name: 'Ed25519' },
        await subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify']), signature, message);
    if (!await verify(...KNOWN)) throw new Error('Ed25519 is not right here');
    return verify;
}

// The library's, for old telephones and pages without TLS.
export function library_engine(ed25519, sha512) {
    ed25519.hashes.sha512 = sha512;
    return (signature, message, key) => {
        try {
            return ed25519.verify(signature, message, key, { zip215: false });
        } catch {
            return false; // not a point, or a number out of range
        }
    };
}

async function fetched_engine() {
    const [ed25519, { sha512 }] = await Promise.all([import('../lib/ed25519.js'), import('../lib/sha2.js')]);
    return library_engine(ed25519, sha512);
}

// Asked for before the network goes, so that the library is here when it is needed.
let engine;
export function ready() {
    engine ??= own_engine().catch(fetched_engine).catch((lost) => {
        engine = undefined; // asked for again
        throw lost;
    });
    return engine;
}
