using RealTimeMesh.Cel;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Rules;

/// <summary>A rule's expression, with the guard that may stand in front of it: <c>guard ; expression</c>.</summary>
/// <param name="Guard">The expression counts only where this is true; null for always.</param>
internal sealed record RuleText(CelExpression? Guard, CelExpression Expression)
{
    /// <summary>Throws <see cref="ContractException"/> where it is none.</summary>
    public static RuleText Parse(ContractRule rule)
    {
        if (string.IsNullOrWhiteSpace(rule.Expression))
            throw new ContractException($"rule '{rule.Name}': found no expr; expected an expression in CEL. Write one.");
        string[] known = rule.Type == "CEL" ? ["message"] : ["value", "fullName", "name", "typeName", "tags", "message"];
        try
        {
            var cut = Semicolon(rule.Expression);
            var text = new RuleText(cut < 0 ? null : CelExpression.Parse(rule.Expression[..cut].Trim()), CelExpression.Parse(rule.Expression[(cut + 1)..].Trim()));
            var unknown = text.Expression.Variables.Concat(text.Guard?.Variables ?? []).FirstOrDefault(name => !known.Contains(name));
            return unknown is null ? text : throw new ContractException($"rule '{rule.Name}': found the name '{unknown}' in its expr; expected {string.Join(", ", known)}. Correct the expression.");
        }
        catch (CelSyntaxException e)
        {
            throw new ContractException($"rule '{rule.Name}': found an expr that is no CEL ({e.Fault}); expected an expression of the standard functions. Correct it.", e);
        }
    }

    /// <summary>The semicolon that ends the guard; one within a text is none.</summary>
    private static int Semicolon(string text)
    {
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            if (quote != '\0' && text[i] == '\\')
                i++;
            else if (quote != '\0')
                quote = text[i] == quote ? '\0' : quote;
            else if (text[i] is '"' or '\'')
                quote = text[i];
            else if (text[i] == ';')
                return i;
        }

        return -1;
    }
}
