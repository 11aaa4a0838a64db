// What people and machines get wrong in a day: how it is put into the plan, and how it shows.
//   shows: one of these codes is on an exception list for that thing (empty: nothing needs to show)
//   elsewhere: it takes the eyes of another unit; counted: the evening's count of its own
//   heals: the scans that follow put it right, so that at the end the service knows where the thing
//          really is, if anybody scanned it since
// Tasks that a service may open by itself, by the clock, for what is overdue: not part of the truth, but
// only for things with which something went wrong, or which lie where nobody looked.
export const SEARCHES = new Set(['not_arrived', 'not_seen_after_opening', 'trip_missing']);

export const ERRORS = {
    missed_accept: { what: 'the clerk does not scan what was just taken in',
        shows: ['illegal_step'], heals: true },
    missed_bag: { what: 'put into a bag without a scan; the hub finds it there',
        shows: ['wrong_holder'], heals: true, elsewhere: true },
    missed_sort: { what: 'sorted by hand without a scan', shows: [], heals: true },
    missed_arrival: { what: 'the office does not scan what it took out of a bag', shows: [], heals: true },
    missed_out: { what: 'the courier takes it along without a scan', shows: [], heals: true },
    missed_depart: { what: 'the driver leaves with a bag without a scan', shows: [], heals: true },
    missed_bag_arrival: { what: 'a bag is opened without being scanned in', shows: [], heals: true },
    double_scan: { what: 'the scanner reads it twice: two scans of one act', shows: ['illegal_step'], heals: true },
    resent: { what: 'the reply is lost and the scans are sent again', shows: [], heals: true },
    mistyped: { what: 'a number typed by hand that nobody has', shows: ['unknown_shipment'], heals: false },
    misrouted: { what: 'scanned and put into the bag of another office', shows: ['wrong_route'], heals: true },
    wrong_bag: { what: 'scanned into one bag and put into another',
        shows: ['sealed_bag', 'wrong_route', 'impossible_speed'], heals: true, elsewhere: true },
    left_behind: { what: 'scanned into a bag but left on the table; counted in the evening',
        shows: ['count_surplus'], heals: true, counted: true },
    fallen_out: { what: 'fell out of its bag and lies somewhere; missed in the evening',
        shows: ['count_missing'], heals: false, counted: true },
    stranger: { what: 'delivered by another courier than the one who had it',
        shows: ['wrong_holder_waits'], heals: true },
    undone: { what: 'a wrong key: a failed delivery, undone at once', shows: [], heals: true },
    no_list: { what: 'the agency gives a result away without a list', shows: ['illegal_step'], heals: true },
    list_missing: { what: 'on the list, but left at the office', shows: ['handover_missing'], heals: true },
    list_surplus: { what: 'brought along, but not on the list', shows: ['handover_surplus'], heals: true },
    list_damaged: { what: 'damaged on the way', shows: ['handover_damaged'], heals: true },
    list_refused: { what: 'the agency refuses it for today', shows: ['handover_refused'], heals: true },
    sent_late: { what: 'a scanner without a line: its scans come up to five hours later', shows: [], heals: true },
    dead_phone: { what: 'a phone dies and its scans come hours later', shows: [], heals: true },
    clock_off: { what: 'a device\'s clock is twenty minutes off', shows: [], heals: true },
    clock_far: { what: 'a device\'s clock is hours off', shows: ['clock_far'], heals: true },
    counter_offline: { what: 'a counter without a line works with leased numbers', shows: [], heals: true },
    early_courier: { what: 'something is scanned before its papers have come', shows: ['unknown_shipment'],
        heals: true },
};
