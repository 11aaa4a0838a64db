-- The demo network in the template database of the SQL tests, from the same files and through the
-- same functions as `dossierpost demo`. Accounts have no password here.
create temp table row_commune (province_code text, province_name text, commune_code text,
    commune_name text, latitude float8, longitude float8, area text, delivery_office text);
\copy row_commune from conf/demo/communes.csv with (format csv, header match)
create temp table row_unit (id bigint, code text, kind text, name text, name_en text, parent text,
    commune_code text, postcode text, address text, phone text, lat float8, lon float8,
    agency_identity text, agency_level text, opens time, break_from time, break_to time,
    closes time, s10_office int);
\copy row_unit from conf/demo/units.csv with (format csv, header match)
create temp table row_block (unit text, indicator text, first int, last int);
\copy row_block from conf/demo/blocks.csv with (format csv, header match)
create temp table row_account (login text, name text, unit text, roles text);
\copy row_account from conf/demo/accounts.csv with (format csv, header match)

\o /dev/null
select postal.put_communes((select jsonb_agg(r) from row_commune r));
select postal.put_units((select jsonb_agg(r) from row_unit r));
select postal.put_communes((select jsonb_agg(r) from row_commune r));
select postal.put_blocks((select jsonb_agg(r) from row_block r));
select account.put(login, name, unit, string_to_array(roles, '|'), null, true) from row_account;
\set catalogue `cat conf/procedures.json`
select procedure.put_all(:'catalogue');
\o
