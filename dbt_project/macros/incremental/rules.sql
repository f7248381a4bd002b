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

{# Today's rules of the models that this one reads: name of the relation -> rule. #}
{% macro rules_of_parents(node) -%}
    {%- set rules = {} -%}
    {%- for id in node.depends_on.nodes -%}
        {%- set parent = graph.nodes.get(id) -%}
        {%- if parent and parent.resource_type == 'model' and parent.config.full_refresh is none -%}
            {%- do rules.update({parent.relation_name: rule_of(id)}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}

{#
  What `rule_of` says of this model, or `stale`, where the comment on one of its parents names another
  rule than today's. History keeps what was reported under any rule.
#}
{% macro rule_that_filled(rules_of_parents, comments) -%}
    {%- for name, rule in rules_of_parents.items() if name in comments -%}
        {%- set noted = modules.re.search(', rule ([0-9a-z]+)', comments[name]) -%}
        {%- if not noted or noted.group(1) != rule -%}
            {{ return('stale') }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(rule_of(model.unique_id)) }}
{%- endmacro %}

{% macro rule_version(id) -%}
    {%- set nodes, macros, texts = [id], [], [] -%}
    {#- both lists grow while they are gone through -#}
    {%- for id in nodes -%}
        {%- set node = graph.nodes.get(id) -%}
        {%- if node and node.resource_type == 'seed' -%}
            {%- if id not in graph.rules -%}{#- a seed is filled before the models that read it -#}
                {%- set seed = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias) -%}
                {%- do graph.rules.update({id: content_version(seed)}) -%}
            {%- endif -%}
            {%- do texts.append(graph.rules[id]) -%}
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
