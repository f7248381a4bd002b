{#
  The version of a model's rule: twelve hex digits that change with the text of the model, of the
  models and macros that it is made of, with the rows of the seeds that it reads, and with the
  variables that these name. A stored model that was filled by another rule is computed again
  (upgrades/layouts.sql).

  It is made of texts, not of compiled code: that differs between a first build and later ones. So
  a changed comment has the stored models computed again, too.
#}
{% macro rule_version() -%}
    {%- set nodes, macros, texts = [model.unique_id], [], [] -%}
    {#- both lists grow while they are gone through -#}
    {%- for id in nodes -%}
        {%- set node = graph.nodes.get(id) -%}
        {%- if node and node.resource_type == 'seed' -%}
            {%- set seed = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias) -%}
            {%- do texts.append(content_version(seed)) -%}
        {%- elif node -%}
            {%- do texts.append(node.raw_code) -%}
            {%- for parent in node.depends_on.nodes if parent not in nodes -%}
                {%- do nodes.append(parent) -%}
            {%- endfor -%}
            {%- for used in node.depends_on.macros if used not in macros -%}
                {%- do macros.append(used) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for id in macros if id.startswith('macro.' ~ project_name ~ '.') -%}
        {%- set found = context[id.split('.')[-1]].macro -%}
        {%- do texts.append(found.macro_sql) -%}
        {%- for used in found.depends_on.macros if used not in macros -%}
            {%- do macros.append(used) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for name in modules.re.findall("var\\('(\\w+)'", texts | join) | unique -%}
        {%- do texts.append(name ~ ' is ' ~ var(name)) -%}
    {%- endfor -%}
    {{ return(local_md5(texts | sort | join('\n'))[:12]) }}
{%- endmacro %}
