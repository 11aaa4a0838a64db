-- Problems, idempotency, text folded for search, and what the service's role may not do.
do $$
declare
    slug text;
    detail text;
begin
    begin
        perform base.problem('busy', '{"allowed": ["start"]}');
        assert false;
    exception when sqlstate 'DP001' then
        get stacked diagnostics slug = message_text, detail = pg_exception_detail;
        assert slug = 'busy' and detail::jsonb = '{"allowed": ["start"]}';
    end;

    -- Ids of what one transaction makes, all of one time, sort as they were made: a fold goes by them.
    assert (select bool_and(id > before) from (
        select id, lag(id) over (order by n) as before
        from (select n, base.uuid_v7() as id from generate_series(1, 2000) as n offset 0) made) x);
    assert (select count(*) = 2000 and bool_and(substr(id, 15, 1) = '7' and substr(id, 20, 1) ~ '[89ab]')
            from (select distinct base.uuid_v7()::text as id from generate_series(1, 2000)) made);

    -- The same key and body give the stored reply; another body is refused.
    assert not exists (select from base.idempotency_claim(1, 'k', '\x01'));
    perform base.idempotency_finish(1, 'k', '\x01', 201, '{"a": 1}');
    assert (select reply from base.idempotency_claim(1, 'k', '\x01') where status = 201)
         = '{"a": 1}';
    assert not exists (select from base.idempotency_claim(2, 'k', '\x02')), 'keys are an account''s';
    begin
        perform base.idempotency_claim(1, 'k', '\x02');
        assert false;
    exception when sqlstate 'DP001' then
        get stacked diagnostics slug = message_text;
        assert slug = 'id-reused';
    end;
    update base.idempotency set at = now() - interval '2 days';
    assert base.idempotency_forget() = 1;

    assert base.fold('PHƯỜNG Đống Đa') = 'phuong dong da';
    assert base.fold(normalize('Thuỷ', nfd)) = 'thuy', 'letters and marks may come apart';
    assert 'phuong thuy xuan' like base.like_pattern('Thủy  XUÂN');
    assert '100 percent' not like base.like_pattern('100%'), 'wildcards are letters';
    assert base.like_pattern(' ') is null and base.like_pattern(null) is null;

    -- RFC 4231, cases 1, 2 and 6.
    assert base.hmac_sha256(decode(repeat('0b', 20), 'hex'), 'Hi There')
         = '\xb0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7';
    assert base.hmac_sha256('Jefe', 'what do ya want for nothing?')
         = '\x5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
    assert base.hmac_sha256(decode(repeat('aa', 131), 'hex'),
                            'Test Using Larger Than Block-Size Key - Hash Key First')
         = '\x60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54';

    -- Days are Vietnam's.
    assert base.vn_date('2026-03-01 17:00+00') = '2026-03-02';
    assert base.vn_time('2026-03-01 17:30+00') = '00:30';

    -- The service neither deletes what is kept, nor makes or changes tables and functions.
    foreach slug in array array['delete from account.account', 'delete from postal.unit',
            'delete from procedure.procedure', 'truncate postal.unit', 'drop table postal.unit',
            'create table postal.x (a int)', 'create table public.x (a int)',
            'alter table account.account add x int',
            'create function base.x() returns int language sql as ''select 1'''] loop
        begin
            execute slug;
            assert false, slug;
        exception when insufficient_privilege then null;
        end;
    end loop;
    assert not exists (select from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('base', 'postal', 'account', 'procedure', 'custody', 'dossier')
          and p.proowner = 'dossierpost_owner'::regrole
          and has_function_privilege('public', p.oid, 'execute')), 'functions are not everybody''s';
end $$;
