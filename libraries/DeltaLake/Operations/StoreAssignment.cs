namespace RealTimeMesh.DeltaLake;

/// <summary>
/// Which values a column takes without a cast that somebody wrote. Nothing is lost in silence: wider types take narrower ones, whole
/// numbers are checked one by one where the column is narrower, texts never become numbers.
/// </summary>
internal static class StoreAssignment
{
    /// <summary>Throws where values of a type may not go into a column. Nested fields go by name; those the value lacks are null.</summary>
    public static void Check(string table, string path, DeltaType from, DeltaType to)
    {
        switch (from, to)
        {
            case (StructType source, StructType target):
                foreach (var field in source.Fields)
                {
                    var own = target.Find(field.Name) ?? throw new DeltaException(table, $"column '{path}.{field.Name}' of the rows is not in the table; expected one of {string.Join(", ", target.Fields.Select(item => item.Name))}; leave it out, or let the schema evolve.");
                    Check(table, $"{path}.{own.Name}", field.Type, own.Type);
                }

                break;
            case (ArrayType source, ArrayType target):
                Check(table, path + ".element", source.ElementType, target.ElementType);
                break;
            case (MapType source, MapType target):
                Check(table, path + ".key", source.KeyType, target.KeyType);
                Check(table, path + ".value", source.ValueType, target.ValueType);
                break;
            case var _ when !IsAllowed(from, to):
                throw new DeltaException(table, $"column '{path}' is {to}, the value for it is {from}; expected a type that it can hold; cast the value, or widen the column first.");
            default:
                break;
        }
    }

    /// <summary>The types of the rows' columns, with those of the table where it takes them: what is left is new, or an error.</summary>
    public static DeltaType Align(DeltaType from, DeltaType to) => (from, to) switch
    {
        (StructType source, StructType target) => new StructType([.. source.Fields.Select(field => target.Find(field.Name) is { } own ? field with { Type = Align(field.Type, own.Type) } : field)]),
        (ArrayType source, ArrayType target) => source with { ElementType = Align(source.ElementType, target.ElementType), ContainsNull = target.ContainsNull },
        (MapType source, MapType target) => source with { KeyType = Align(source.KeyType, target.KeyType), ValueType = Align(source.ValueType, target.ValueType), ValueContainsNull = target.ValueContainsNull },
        _ => IsAllowed(from, to) ? to : from,
    };

    private static bool IsAllowed(DeltaType from, DeltaType to) => from == to || (from, to) switch
    {
        ({ Kind: DeltaTypeKind.Void }, _) => true,
        (DecimalType a, DecimalType b) => b.Scale >= a.Scale,
        (DecimalType { Scale: 0 }, _) => IsWhole(to),
        (_, DecimalType) => IsWhole(from),
        _ when IsWhole(from) => IsWhole(to) || TypeChanges.IsWidening(from, to) || (to.Kind == DeltaTypeKind.Float && from.Kind is DeltaTypeKind.Byte or DeltaTypeKind.Short),
        _ => (from.Kind, to.Kind) is (DeltaTypeKind.Float, DeltaTypeKind.Double)
            or (DeltaTypeKind.Date, DeltaTypeKind.TimestampNtz)
            // A time without a zone is UTC, as everywhere here.
            or (DeltaTypeKind.TimestampNtz, DeltaTypeKind.Timestamp),
    };

    private static bool IsWhole(DeltaType type) => type.Kind is DeltaTypeKind.Byte or DeltaTypeKind.Short or DeltaTypeKind.Integer or DeltaTypeKind.Long;
}
