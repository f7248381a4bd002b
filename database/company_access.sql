-- Which role sees which company: run by database/company_access.py, which fills in the names in braces.
-- `restrict` is called again for every mart that a build makes (macros/engine/company_access.sql).

do $$
begin
    if to_regnamespace('{access}') is null then
        create schema {access} authorization {owner};
    end if;
end
$$;

-- A role whose company is null sees none: its row stays, so that no other right lets it see them all.
create table if not exists {access}.company_roles (role regrole primary key, company_id text);
alter table {access}.company_roles owner to {owner};

-- Of whoever asks: no row for those whom nothing restricts, the owner of the marts among them.
create or replace view {access}.own_companies with (security_barrier = true) as
select company_id
from {access}.company_roles
where pg_has_role(current_user, cast(role as oid), 'usage')
    and not pg_has_role(current_user, '{owner_name}', 'usage');

alter view {access}.own_companies owner to {owner};
grant select on {access}.own_companies to public;

create or replace function {access}.restrict(mart regclass) returns void
language plpgsql set search_path = pg_catalog as $function$
declare
    kind "char" := (select relkind from pg_class where oid = mart);
    is_of_companies boolean := exists (select from pg_attribute where attrelid = mart and attname = 'company_id');
    is_sorted_out boolean := exists (select from pg_attribute where attrelid = mart and attname = 'is_for_company');
    condition text :=
        'not exists (select from {access}.own_companies)'
        ' or company_id in (select seen.company_id from {access}.own_companies as seen)';
    reader regrole;
begin
    if is_sorted_out then
        -- figures of other companies are behind these rows; whoever sees two companies could subtract
        condition := condition || ' and is_for_company and (select count(*) from {access}.own_companies) = 1';
    end if;
    if not is_of_companies then
        -- only what holds no company's rows
        if mart is distinct from to_regclass('{staging}.countries') then
            return;
        end if;
    elsif kind = 'v' then
        if position('own_companies' in pg_get_viewdef(mart)) = 0 then
            execute format(
                'create or replace view %s with (security_barrier = true) as select * from (%s) as mart where %s',
                mart, rtrim(pg_get_viewdef(mart), ';'), condition
            );
        end if;
    elsif not exists (
        select from pg_policy
        where polrelid = mart and polname = 'own_companies'
            and obj_description(oid, 'pg_policy') = md5(condition)
    ) then
        execute format('alter table %s enable row level security', mart);
        execute format('drop policy if exists own_companies on %s', mart);
        execute format('create policy own_companies on %s for select using (%s)', mart, condition);
        execute format('comment on policy own_companies on %s is %L', mart, md5(condition));
    end if;
    for reader in
        select role from {access}.company_roles
        where company_id is not null and exists (select from pg_roles where oid = role)
    loop
        if not has_table_privilege(reader, mart, 'select') then
            execute format('grant select on %s to %s', mart, reader);
        end if;
    end loop;
end
$function$;

alter function {access}.restrict(regclass) owner to {owner};
