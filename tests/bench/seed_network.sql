-- Offices, hubs, agencies and people for the benches of tracking, over the communes that an
-- administrator imported: in every province a hub, and a post office with its agency in every fourth
-- commune; a clerk at each office, an officer at each agency, two people at each hub.
\set ON_ERROR_STOP 1
set search_path = '';

create schema bench;
create table bench.point as
select c.code as commune, c.name, c.province_code as province, c.lat, c.lon, p.name as province_name,
       row_number() over w as n, regexp_replace(c.name, '^(Phường|Xã|Đặc khu) ', '') as short
from postal.commune c join postal.province p on p.code = c.province_code
window w as (partition by c.province_code order by c.code);

insert into postal.unit (code, kind, name, name_en, commune_code, lat, lon)
select province || '-NH', 'hub', 'Trung tâm Khai thác ' || province_name, short || ' Sorting Hub',
       commune, lat, lon
from bench.point where n = 1;
insert into postal.unit (code, kind, name, name_en, parent_id, commune_code, lat, lon)
select t.province || '-N' || t.commune, 'post_office', 'Bưu cục ' || t.short, t.short || ' Post Office',
       h.id, t.commune, t.lat, t.lon
from bench.point t join postal.unit h on h.code = t.province || '-NH' where t.n % 4 = 1;
insert into postal.unit (code, kind, name, name_en, parent_id, commune_code, lat, lon, agency_identity,
                         agency_level)
select t.province || '-M' || t.commune, 'agency',
       'Trung tâm Phục vụ hành chính công ' || lower(left(t.name, 1)) || substr(t.name, 2),
       t.short || ' One-stop Department', o.id, t.commune, t.lat, t.lon,
       '000.' || lpad((t.n / 4)::text, 3, '0') || '.16.Q' || t.province, 'commune'
from bench.point t join postal.unit o on o.code = t.province || '-N' || t.commune;
drop table bench.point;

insert into account.account (login, name, unit_id, roles)
select 'bench.' || lower(u.code) || k.i,
       k.title || ' ' || u.name, u.id, k.roles
from postal.unit u
join (values ('post_office', 'Giao dịch viên', 2 | 4, 1), ('agency', 'Cán bộ Một cửa', 16, 1),
             ('hub', 'Khai thác viên', 8, 1), ('hub', 'Khai thác viên', 8, 2)) as k (kind, title, roles, i)
     on k.kind = u.kind
where u.code ~ '^[0-9]{2}-(NH|N|M)' order by u.id, k.i;

-- Who scans, as seed.sql has it: clerks, then the hubs' people.
create table bench.scanner as
select row_number() over (order by a.roles, a.id)::int - 1 as n, a.id as account, a.unit_id as unit,
       a.roles, sha256(convert_to('bench ' || a.login, 'UTF8')) as token
from account.account a where a.login like 'bench.%' and a.roles <> 16;
insert into account.session (account, token_hash, expires_at)
select account, sha256(token), now() + interval '10 years' from bench.scanner;

-- An office with all that a dossier taken in there meets.
create table bench.lane as
select row_number() over (order by md5(o.code))::int - 1 as n, o.id as office, c.account as clerk,
       c.n as clerk_n, h.id as hub, b.account as sorter, b.n as sorter_n, g.id as agency,
       g.agency_identity as identity, f.id as officer, custody.route(o.id, g.id) as route,
       custody.route(o.id, h.id) as to_hub, o.commune_code as commune
from postal.unit o
join postal.unit h on h.id = o.parent_id
join postal.unit g on g.parent_id = o.id and g.code like '%-M%'
join bench.scanner c on c.unit = o.id
join lateral (select s.* from bench.scanner s where s.unit = h.id order by s.n offset o.id % 2 limit 1) b
     on true
join account.account f on f.unit_id = g.id and f.login like 'bench.%'
where o.code like '%-N%';
create unique index on bench.lane (n);
analyze bench.lane;
