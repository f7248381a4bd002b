{#
  Relations that an earlier version of the project built and today's does not: (schema, name, kind),
  each before those that it reads. These are of commit 5691121. Whoever removes or renames a model
  adds it here; tests/upgrade/relations.txt remembers the names of all.
#}
{% macro obsolete_relations() -%}
    {{ return([
        ('intermediate', 'int_choice_day_loads', 'table'),
        ('intermediate', 'int_choice_payloads', 'view'),
        ('intermediate', 'int_company_distances', 'view'),
        ('intermediate', 'int_company_headlines', 'view'),
        ('intermediate', 'int_company_hours', 'table'),
        ('intermediate', 'int_company_imputed', 'view'),
        ('intermediate', 'int_company_readings', 'view'),
        ('intermediate', 'int_company_shares', 'table'),
        ('intermediate', 'int_company_weighted', 'view'),
        ('intermediate', 'int_events_parsed', 'view'),
        ('intermediate', 'int_interest_by_region', 'table'),
        ('intermediate', 'int_lag_counts', 'view'),
        ('intermediate', 'int_matched_pairs', 'table'),
        ('intermediate', 'int_method_notices', 'view'),
        ('intermediate', 'int_pair_companies', 'view'),
        ('intermediate', 'int_token_lags', 'table'),
    ]) }}
{%- endmacro %}

{#
  Hook at the end of a run: drops them. Nothing else goes: not what somebody else made in these
  schemas, and not what another relation still reads (a view of a user, or of a model that this run
  left out).
#}
{% macro drop_obsolete_relations() -%}
    {%- if execute and flags.WHICH in ['build', 'run'] -%}
        {%- set to_drop, kept = [], [] -%}
        {%- for relation in existing_relations(obsolete_relations()) -%}
            {%- set readers = relation.readers | reject('in', to_drop | map(attribute='name') | list) | list -%}
            {%- do (kept if readers else to_drop).append({'name': relation.name, 'kind': relation.kind, 'readers': readers}) -%}
        {%- endfor -%}
        {%- if to_drop -%}
            {%- do print('Dropped, since the project no longer has them: ' ~ to_drop | map(attribute='name') | join(', ')) -%}
        {%- endif -%}
        {%- for relation in kept -%}
            {%- do log('The project no longer fills ' ~ relation.name ~ ', which ' ~ relation.readers | join(', ') ~ ' reads', info=true) -%}
        {%- endfor -%}
        {%- for relation in to_drop %}
    drop {{ relation.kind }} {{ relation.name }};
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{# Which of them exist, in their order: name, kind, and the relations that read each. #}
{% macro existing_relations(relations) -%}
    {{ return(adapter.dispatch('existing_relations')(relations)) }}
{%- endmacro %}

{% macro default__existing_relations(relations) -%}
    {{ return([]) }}
{%- endmacro %}

{% macro postgres__existing_relations(relations) -%}
    {%- set found = [] -%}
    {%- if relations -%}
    {%- set query -%}
        with listed (place, name, kind) as (
            values
            {% for schema, name, kind in relations -%}
            ({{ loop.index }}, '{{ generate_schema_name(schema, none) }}.{{ name }}', '{{ kind }}')
            {%- if not loop.last %}, {% endif %}
            {% endfor %}
        ),

        existing as (
            select listed.*, pg_class.oid
            from listed
            inner join pg_class
                on to_regclass(listed.name) = pg_class.oid
                and listed.kind = case pg_class.relkind when 'r' then 'table' when 'v' then 'view' end
            -- somebody else's relation of this name is not ours to drop
            where pg_has_role(pg_class.relowner, 'usage')
        )

        select
            existing.name,
            existing.kind,
            array_to_string(array(
                select distinct pg_namespace.nspname || '.' || reader.relname
                from pg_depend
                inner join pg_rewrite
                    on pg_depend.classid = 'pg_rewrite'::regclass
                    and pg_depend.objid = pg_rewrite.oid
                inner join pg_class as reader on pg_rewrite.ev_class = reader.oid
                inner join pg_namespace on reader.relnamespace = pg_namespace.oid
                where pg_depend.refclassid = 'pg_class'::regclass
                    and pg_depend.refobjid = existing.oid
                    and reader.oid <> existing.oid
            ), ' ') as readers
        from existing
        order by existing.place
    {%- endset -%}
    {%- for row in run_query(query) -%}
        {%- do found.append({'name': row['name'], 'kind': row['kind'], 'readers': row['readers'].split()}) -%}
    {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}
