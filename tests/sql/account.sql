-- Attempts, sessions, roles.
do $$
declare
    clerk bigint;
    session uuid;
    slug text;
    found_row record;
begin
    clerk := account.put('Lan.Anh', 'Lan Anh', '46-B2', '{clerk,officer}', 'hash');
    assert account.role_names(18) = '{clerk,officer}' and account.role_bits('{clerk,officer}') = 18;
    assert account.put('lan.anh', 'Lan Anh', '46-B2', '{clerk}', null) = clerk;
    assert (select password_hash = 'hash' and roles = 2 from account.account where id = clerk);
    -- The demo takes no account that somebody uses.
    assert account.put('lan.anh', 'Demo', null, '{admin}', 'known to all', true) is null;
    assert (select password_hash = 'hash' and roles = 2 and not demo
            from account.account where id = clerk);
    foreach slug in array array['{boss}', '{clerk,boss}', '{}'] loop
        begin
            perform account.put('x1', 'X', null, slug::text[], null);
            assert false, slug;
        exception when sqlstate 'DP001' then null;
        end;
    end loop;

    -- Three wrong ones, then wait; another login from there goes on; right ones are forgotten.
    for i in 1 .. 3 loop
        assert (select retry_after = 0 and id = clerk
                from account.login_begin('LAN.anh', '192.0.2.1', 3, false));
    end loop;
    assert (select retry_after between 1 and 900 and id is null
            from account.login_begin('lan.anh', '192.0.2.9', 3, false));
    assert (select retry_after from account.login_begin('other', '192.0.2.1', 3, false)) = 0;
    update account.attempt set at = at - interval '15 minutes';
    assert (select retry_after from account.login_begin('lan.anh', '192.0.2.1', 3, false)) = 0;
    session := account.login_open(clerk, 'lan.anh', '192.0.2.1', sha256('token'), 12);
    assert not exists (select from account.attempt), 'a right password leaves no attempt';

    -- An address may try five times as often, with whatever logins.
    for i in 1 .. 10 loop
        perform account.login_begin('guess' || i, '192.0.2.7', 2, false);
    end loop;
    assert (select retry_after from account.login_begin('guess11', '192.0.2.7', 2, false)) > 0;

    assert account.attempt_of_address('2001:db8:0:1::5') = account.attempt_of_address('2001:db8:0:1:9::');
    assert account.attempt_of_address('2001:db8:0:1::5') <> account.attempt_of_address('2001:db8:0:2::5');
    assert account.attempt_of_address('::ffff:192.0.2.1') <> account.attempt_of_address('::ffff:192.0.2.2');
    assert account.attempt_of_address('192.0.2.1') <> account.attempt_of_address('192.0.2.2');

    -- Who is it.
    select * into found_row from account.who(sha256('token'), false);
    assert found_row.id = clerk and found_row.unit_code = '46-B2' and found_row.session = session;
    assert not exists (select from account.who(sha256('other'), false));
    perform account.set_disabled('lan.anh', true);
    assert not exists (select from account.who(sha256('token'), false));
    assert (select id is null from account.login_begin('lan.anh', '192.0.2.2', 3, false));
    perform account.set_disabled('lan.anh', false);
    assert not exists (select from account.who(sha256('token'), false)), 'the session is gone';

    session := account.login_open(clerk, 'lan.anh', '192.0.2.1', sha256('second'), 12);
    perform account.logout(session);
    assert not exists (select from account.who(sha256('second'), false));
    perform account.login_open(clerk, 'lan.anh', '192.0.2.1', sha256('third'), 12);
    update account.session set expires_at = now() where token_hash = sha256('third');
    assert not exists (select from account.who(sha256('third'), false));
    perform account.login_open(clerk, 'lan.anh', '192.0.2.1', sha256('fourth'), 12);
    assert account.set_password('lan.anh', 'new') and not account.set_password('nobody', 'new');
    assert not exists (select from account.who(sha256('fourth'), false));

    -- Keys.
    perform account.put_key('lan.anh', 'máy quét', sha256('key'));
    assert (select id = clerk and who.session is null from account.who(sha256('key'), false) who);
    update account.api_key set revoked_at = now();
    assert not exists (select from account.who(sha256('key'), false));
    assert account.put_key('nobody', 'x', sha256('x')) is null;

    -- Demo accounts are nobody where the demo was not asked for.
    update account.account set password_hash = 'hash' where login = 'clerk';
    assert (select id is null from account.login_begin('clerk', '192.0.2.3', 3, false));
    assert (select id is not null from account.login_begin('clerk', '192.0.2.3', 3, true));
    perform account.login_open((select id from account.account where login = 'clerk'), 'clerk',
                               '192.0.2.3', sha256('demo'), 12);
    assert not exists (select from account.who(sha256('demo'), false));
    assert (select unit_code = '46-B1' from account.who(sha256('demo'), true));
    assert account.me((select id from account.account where login = 'clerk'), true)
        @> '{"roles": ["clerk"], "demo": true, "unit": {"code": "46-B1"}}';
end $$;
