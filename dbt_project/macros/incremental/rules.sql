{#
  The version of a model's rule: twelve hex digits that change with the text of the model, of the
  models and macros that it is made of, with the rows of the seeds that it reads, and with the
  variables that these name. A stored model that was filled by another rule is computed again
  (upgrades/layouts.sql).

  It is made of texts, not of compiled code: that differs between a first build and later ones. So
  a changed comment has the stored models computed again, too.

  A build of some models may fill one by today's rule from others that an earlier rule filled. Its
  rule is `stale` then, and it is computed again when they have been.
#}
{% macro rule_of(id) -%}
    {#- once for each run: the graph is the same object for all models -#}
    {%- set known = graph.setdefault('rules', {}) -%}
    {%- if id not in known -%}
        {%- do known.update({id: rule_version(id)}) -%}
    {%- endif -%}
    {{ return(known[id]) }}
{%- endmacro %}

{# What `rule_of` says of the model, or `stale`. History keeps what was reported under any rule. #}
{% macro rule_that_filled(node) -%}
    {%- set todays = {} -%}
    {%- for id in node.depends_on.nodes -%}
        {%- set parent = graph.nodes.get(id) -%}
        {%- if parent and parent.resource_type == 'model' and parent.config.full_refresh is none -%}
            {%- do todays.update({parent.relation_name: rule_of(id)}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for name, rule in stored_rules(todays.keys() | list).items() if rule != todays[name] -%}
        {{ return('stale') }}
    {%- endfor -%}
    {{ return(rule_of(node.unique_id)) }}
{%- endmacro %}

{# Of those of these relations that exist: name -> the rule that filled it (upgrades/layouts.sql). #}
{% macro stored_rules(names) -%}
    {{ return(adapter.dispatch('stored_rules')(names)) }}
{%- endmacro %}

{% macro default__stored_rules(names) -%}
    {{ return({}) }}
{%- endmacro %}

{% macro postgres__stored_rules(names) -%}
    {%- set rules = {} -%}
    {%- if names -%}
        {%- set query -%}
            select name, coalesce(substring(obj_description(to_regclass(name), 'pg_class') from ', rule ([0-9a-z]+)'), 'stale')
            from unnest(array['{{ names | join("', '") }}']) as relations (name)
            where to_regclass(name) is not null
        {%- endset -%}
        {%- for name, rule in run_query(query).rows -%}
            {%- do rules.update({name: rule}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(rules) }}
{%- endmacro %}

{% macro rule_version(id) -%}
    {%- set nodes, macros, texts = [id], [], [] -%}
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
