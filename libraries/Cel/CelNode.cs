using System.Text;
using System.Text.RegularExpressions;

namespace RealTimeMesh.Cel;

/// <summary>A part of a compiled expression: has no state, may be evaluated by many threads.</summary>
internal abstract class CelNode
{
    /// <param name="frame">Variables by slot: those of the environment, then those of macros.</param>
    public abstract CelValue Evaluate(CelValue[] frame);
}

internal sealed class LiteralNode(CelValue value) : CelNode
{
    public override CelValue Evaluate(CelValue[] frame) => value;
}

internal sealed class SlotNode(int slot) : CelNode
{
    public override CelValue Evaluate(CelValue[] frame) => frame[slot];
}

internal sealed class SelectNode(CelNode operand, string field, bool isTest) : CelNode
{
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(field);
    private readonly CelValue _key = CelValue.String(field);

    public override CelValue Evaluate(CelValue[] frame)
    {
        var value = operand.Evaluate(frame);
        if (value.IsError)
            return value;
        CelValue? found = null;
        if (value.Entries is { } entries)
            found = entries.TryGetValue(_key, out var entry) ? entry : null;
        else if (value.Kind == CelKind.Map)
            found = value.Json.TryGetProperty(_utf8, out var property) ? CelValue.Of(property) : null;
        return isTest ? CelValue.Bool(found is not null) : found ?? CelErrors.NoKey(field);
    }
}

internal sealed class UnaryNode(CelUnary function, CelNode operand) : CelNode
{
    public override CelValue Evaluate(CelValue[] frame)
    {
        var value = operand.Evaluate(frame);
        return value.IsError ? value : function(value);
    }
}

internal sealed class BinaryNode(CelBinary function, CelNode left, CelNode right) : CelNode
{
    public override CelValue Evaluate(CelValue[] frame)
    {
        var first = left.Evaluate(frame);
        if (first.IsError)
            return first;
        var second = right.Evaluate(frame);
        return second.IsError ? second : function(first, second);
    }
}

/// <summary><c>matches</c> with a pattern that the expression holds itself: made once.</summary>
internal sealed class PatternNode : CelNode
{
    private readonly CelNode _text;
    private readonly Regex? _regex;
    private readonly string _fault;

    public PatternNode(CelNode text, string pattern)
    {
        _text = text;
        _regex = Re2Pattern.TryCompile(pattern, out _fault);
    }

    public override CelValue Evaluate(CelValue[] frame)
    {
        var text = _text.Evaluate(frame);
        if (text.IsError)
            return text;
        if (text.Kind != CelKind.String)
            return CelErrors.NoOverload;
        return _regex is null ? CelValue.Error(_fault) : CelValue.Bool(_regex.IsMatch(text.AsString));
    }
}

/// <summary>The first term that decides does so, whatever errors come before it; else the first error is the result.</summary>
internal sealed class LogicNode(bool isAnd, CelNode[] terms) : CelNode
{
    public override CelValue Evaluate(CelValue[] frame)
    {
        CelValue? error = null;
        foreach (var term in terms)
        {
            var value = term.Evaluate(frame);
            if (isAnd ? value.IsFalse : value.IsTrue)
                return value;
            if (value.Kind != CelKind.Bool)
                error ??= value.IsError ? value : CelErrors.NoOverload;
        }

        return error ?? CelValue.Bool(isAnd);
    }
}

internal sealed class ConditionalNode(CelNode condition, CelNode then, CelNode otherwise) : CelNode
{
    public override CelValue Evaluate(CelValue[] frame)
    {
        var value = condition.Evaluate(frame);
        if (value.IsTrue)
            return then.Evaluate(frame);
        if (value.IsFalse)
            return otherwise.Evaluate(frame);
        return value.IsError ? value : CelErrors.NoOverload;
    }
}

internal sealed class ListNode(CelNode[] items) : CelNode
{
    public override CelValue Evaluate(CelValue[] frame)
    {
        var values = new CelValue[items.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = items[i].Evaluate(frame);
            if (values[i].IsError)
                return values[i];
        }

        return CelValue.List(values);
    }
}

internal sealed class MapNode((CelNode Key, CelNode Value)[] entries) : CelNode
{
    public override CelValue Evaluate(CelValue[] frame)
    {
        var map = new CelMap(entries.Length);
        foreach (var (keyNode, valueNode) in entries)
        {
            var key = keyNode.Evaluate(frame);
            if (key.IsError)
                return key;
            if (key.Kind is not (CelKind.Bool or CelKind.String) && !key.IsNumber)
                return CelValue.Error("unsupported key type");
            var value = valueNode.Evaluate(frame);
            if (value.IsError)
                return value;
            map[key] = value;
        }

        return CelValue.Map(map);
    }
}
