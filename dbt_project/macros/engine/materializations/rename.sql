{#
  dbt replaces a relation by two renames (old to `<name>__dbt_backup`, new to `<name>`) and drops
  the backup with cascade. Postgres binds a view to the relation, not to its name, so the views on
  it would go too. With the second rename they are therefore created again, in the same
  transaction, and read the new relation. This still happens with `--full-refresh` of an
  incremental model, and where columns have changed.

  One relation at a time, from its first rename to the end of its transaction: a view may read two
  that are replaced at once, and each would wait for the other to read the view's definition.
#}
{% macro postgres__rename_relation(from_relation, to_relation) -%}
    {% call statement('rename_relation') -%}
        select pg_advisory_xact_lock(hashtextextended('consent rename', 0));
        {%- if from_relation.identifier == make_intermediate_relation(to_relation).identifier -%}
            {{ take_the_name(from_relation, make_backup_relation(to_relation, 'table'), to_relation) }}
        {%- else -%}
            alter table {{ from_relation.render() }} rename to {{ adapter.quote(to_relation.identifier) }}
        {%- endif -%}
    {%- endcall %}
{% endmacro %}

{#
  Names `new` as `name`, and has the views that read `old` read it. They are read out while `old`
  has the name for a moment: their text then needs no change. A view that needs a column that is
  gone cannot be kept.
#}
{% macro take_the_name(new, old, name) -%}
    do $$
    declare
        reader record;
        readers text[] := '{}';
        definitions text[] := '{}';
        path text := current_setting('search_path');
        old_relation regclass := to_regclass('{{ old.render() }}');
    begin
        if old_relation is not null then
            -- with an empty path, a definition names every relation with its schema
            perform set_config('search_path', '', true);
            alter table {{ old.render() }} rename to {{ adapter.quote(name.identifier) }};
            for reader in
                select distinct
                    views.oid::regclass::text as name,
                    coalesce('with (' || array_to_string(views.reloptions, ', ') || ')', '') as options,
                    pg_get_viewdef(views.oid) as definition
                from pg_depend
                join pg_rewrite on pg_depend.objid = pg_rewrite.oid
                join pg_class as views on pg_rewrite.ev_class = views.oid
                where pg_depend.classid = 'pg_rewrite'::regclass
                    and pg_depend.refobjid = old_relation
                    and views.relkind = 'v'
                    and views.oid <> old_relation
            loop
                readers := readers || reader.name;
                definitions := definitions || format('%s as %s', reader.options, reader.definition);
            end loop;
            alter table {{ name.render() }} rename to {{ adapter.quote(old.identifier) }};
        end if;
        alter table {{ new.render() }} rename to {{ adapter.quote(name.identifier) }};
        for number in 1 .. cardinality(readers) loop
            begin
                execute format('create or replace view %s %s', readers[number], definitions[number]);
            exception when undefined_column or invalid_table_definition or datatype_mismatch or undefined_function then
                raise warning 'The view % needs a column that {{ name.render() | replace('"', '') }} no longer has: it goes with the old table.', readers[number];
            end;
        end loop;
        perform set_config('search_path', path, true);
    end
    $$
{%- endmacro %}
