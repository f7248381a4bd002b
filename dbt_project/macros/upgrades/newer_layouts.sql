{# Layout of the raw dataset that the models read; the load writes it (bookkeeping/raw_layout.py). #}
{% macro raw_layout() -%}
    {{ return(6) }}
{%- endmacro %}

{#
  Hook at the start of a run: a database that a later version of the project loaded or built is left
  as it is. So is one that an earlier version loaded, until the load has brought it up.
#}
{% macro refuse_other_layouts() -%}
    {%- if execute -%}
        {%- set ledger = (graph.sources.values() | selectattr('name', 'equalto', 'load_files') | first).relation_name -%}
        {%- set known = {ledger: raw_layout()} -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized == 'incremental' -%}
            {%- do known.update({node.relation_name: node.config.meta.get('layout', 1)}) -%}
        {%- endfor -%}
        {%- for name, comment in (comments_on(known.keys() | list) or {}).items() -%}
            {%- set found = layout_of(origin_in(comment)) -%}
            {%- set says = name | replace('"', '') ~ ' has layout ' ~ found ~ ', this version of the project layout ' ~ known[name] ~ '. Nothing was changed. ' -%}
            {%- if found > known[name] -%}
                {{ exceptions.raise_compiler_error(says ~ 'A later version made it: use that.') }}
            {%- elif name == ledger and found < known[name] -%}
                {{ exceptions.raise_compiler_error(says ~ '`make load` brings it up, and reads no file again for it.') }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
