{#
  Two builds at once. Our program `dbt` (database/dbt.py) holds a lock in the database for its whole
  run. dbt itself, started in another way, cannot hold one: its connections end with each step. It
  waits for a build that holds the lock, and two such builds wait for each other at each stored model.
#}

{# Hook at the start of a run: waits for a build that `dbt` of this project started. #}
{% macro wait_for_other_build() -%}
    {%- if execute -%}
        {%- set name = 'consent build' if target.schema == 'analytics' else 'consent build ' ~ target.schema -%}
        {{ wait_for_lock(name, holder='consent build ' ~ invocation_id) }}
    {%- endif -%}
{%- endmacro %}

{#
  Pre-hook of every model: one build at a time adds to a stored model. What the model computes after
  the lock is there sees what the other build added.
#}
{% macro wait_for_writers() -%}
    {%- if is_stored_model() and load_cached_relation(this) is not none -%}
        {%- if has_writers(this) -%}
            {%- do print('dbt: another build writes to ' ~ this.schema ~ '.' ~ this.name ~ ': waiting for it to end') -%}
        {%- endif -%}
        {{ lock_against_writers(this) }}
    {%- endif -%}
{%- endmacro %}
