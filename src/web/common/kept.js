// What a device keeps. What the service told can be asked again: it is kept while there is room for
// it, and gives way to scans, which are nowhere else.
const SPARE = ['dossierpost.copies', 'dossierpost.deliveries', 'dossierpost.held'];

export class Full extends Error {
    constructor() {
        super('Thiết bị hết chỗ: thao tác này chưa được ghi. Xin giải phóng bộ nhớ rồi làm lại. '
            + '· This device has no room: nothing was recorded. Free some, then do it again.');
    }
}

export function recall(key, otherwise) {
    try {
        return JSON.parse(localStorage.getItem(key)) ?? otherwise;
    } catch {
        return otherwise;
    }
}

// Without room, what was told before counts on.
export function remember(key, value) {
    try {
        localStorage.setItem(key, JSON.stringify(value));
    } catch {
        // asked again next time
    }
}

// For what is nowhere else. Throws Full.
export function store(key, value) {
    const text = JSON.stringify(value);
    try {
        localStorage.setItem(key, text);
    } catch {
        SPARE.forEach((one) => localStorage.removeItem(one));
        try {
            localStorage.setItem(key, text);
        } catch {
            throw new Full();
        }
    }
}
