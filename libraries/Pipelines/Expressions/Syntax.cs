using RealTimeMesh.Contracts;

namespace RealTimeMesh.Pipelines;

/// <summary>What the parser saw, before names and types are known.</summary>
internal abstract record Syntax(int Position);

internal sealed record NullSyntax(int Position) : Syntax(Position);

internal sealed record BooleanSyntax(int Position, bool Value) : Syntax(Position);

/// <summary>An integer, a date (days) or a timestamp (microseconds), by <paramref name="Type"/>.</summary>
internal sealed record LongSyntax(int Position, long Value, FieldType Type) : Syntax(Position);

internal sealed record FloatSyntax(int Position, double Value) : Syntax(Position);

internal sealed record TextSyntax(int Position, string Value) : Syntax(Position);

internal sealed record FieldSyntax(int Position, string Name) : Syntax(Position);

internal sealed record UnarySyntax(int Position, string Operator, Syntax Operand) : Syntax(Position);

internal sealed record BinarySyntax(int Position, string Operator, Syntax Left, Syntax Right) : Syntax(Position);

internal sealed record IsNullSyntax(int Position, Syntax Operand) : Syntax(Position);

internal sealed record InSyntax(int Position, Syntax Operand, IReadOnlyList<Syntax> Items) : Syntax(Position);

internal sealed record BetweenSyntax(int Position, Syntax Operand, Syntax Low, Syntax High) : Syntax(Position);

internal sealed record LikeSyntax(int Position, Syntax Operand, Syntax Pattern) : Syntax(Position);

internal sealed record CaseSyntax(int Position, Syntax? Subject, IReadOnlyList<(Syntax When, Syntax Then)> Branches, Syntax? Else) : Syntax(Position);

internal sealed record CastSyntax(int Position, Syntax Operand, FieldType Type) : Syntax(Position);

internal sealed record CallSyntax(int Position, string Name, IReadOnlyList<Syntax> Arguments, bool Star, bool Distinct) : Syntax(Position);
