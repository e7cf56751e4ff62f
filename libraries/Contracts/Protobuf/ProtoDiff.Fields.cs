namespace RealTimeMesh.Contracts;

/// <summary>Types of fields.</summary>
internal sealed partial class ProtoDiff
{
    private void Field(ProtoField old, ProtoField next, Place place)
    {
        // Names are resolved once: that is most of the work on documents of thousands of messages.
        var before = old.Declared ?? Find(old, place, isOld: true);
        var after = next.Declared ?? Find(next, place, isOld: false);
        var kind = Kind(old, before);
        if (kind != Kind(next, after))
            Add("FIELD_KIND_CHANGED", "The type of a field at path '{0}' in the {reader} schema does not match the {writer} schema");
        else if (kind == FieldKind.Scalar)
            Scalars(old, before, next, after);
        else if (kind == FieldKind.Message)
            MessageFields(old.Type, before, next.Type, after);
        else
            Maps(old, next, place);
    }

    private void Scalars(ProtoField old, ProtoTypes.Entry? oldType, ProtoField next, ProtoTypes.Entry? newType)
    {
        var (before, after) = (WireForm(old.Type, oldType), WireForm(next.Type, newType));
        if (before != after)
            Add("FIELD_SCALAR_KIND_CHANGED", "The kind of a SCALAR field at path '{0}' in the {reader} schema does not match its kind in the {writer} schema");
        else if (old.Label is not null && next.Label is not null && old.Label != next.Label && before != "text")
            Add("FIELD_NUMERIC_LABEL_CHANGED", "The label for a NUMERIC field at path '{0}' in the {reader} schema does not match its label in the {writer} schema");
    }

    private void Maps(ProtoField old, ProtoField next, Place place)
    {
        var (before, after) = (old.MapTypes, next.MapTypes);
        Field(new ProtoField(null, before.Key, "", 1, []), new ProtoField(null, after.Key, "", 1, []), place);
        Field(new ProtoField(null, before.Value, "", 2, []), new ProtoField(null, after.Value, "", 2, []), place);
    }

    private void MessageFields(string old, ProtoTypes.Entry? before, string next, ProtoTypes.Entry? after)
    {
        if (before is null || after is null ? old != next : before.LocalName != after.LocalName)
        {
            Renamed();
            return;
        }

        // Types of one document, or of one version of another, are compared where they are declared.
        if (before is null || after is null || before.Origin == after.Origin || before.Type is not ProtoMessage one || after.Type is not ProtoMessage two)
            return;

        // Messages come to themselves again by their fields only.
        if (!_open.Add((one, two)))
            return;

        var count = _found.Count;
        var path = _path.ToArray();
        _path.Clear();
        _path.AddRange(before.LocalName.Split('.').Select(name => new Step(name, 0)));
        Messages(one, two, new Place(before.Package, after.Package, before.LocalName.Split('.'), null, null));
        _path.Clear();
        _path.AddRange(path);
        _open.Remove((one, two));
        if (_found.Count > count)
            Renamed();
    }

    private void Renamed() => Add("FIELD_NAMED_TYPE_CHANGED", "The type of a MESSAGE field at path '{0}' in the {reader} schema does not match its type in the {writer} schema");

    private static FieldKind Kind(ProtoField field, ProtoTypes.Entry? type)
    {
        if (field.IsScalar || type?.Type is ProtoEnum)
            return FieldKind.Scalar;

        return type is null && field.IsMap ? FieldKind.Map : FieldKind.Message;
    }

    private ProtoTypes.Entry? Find(ProtoField field, Place place, bool isOld)
    {
        if (field.IsScalar || field.IsMap)
            return null;

        var types = isOld ? oldTypes : newTypes;
        return types.ResolveType(field.Type, place.Scope, isOld ? place.OldPackage : place.NewPackage);
    }

    /// <summary>Scalars of one form on the wire can be read as each other.</summary>
    private static string WireForm(string type, ProtoTypes.Entry? found) => type switch
    {
        "int32" or "int64" or "uint32" or "uint64" or "bool" => "number",
        "sint32" or "sint64" => "signed",
        "string" or "bytes" => "text",
        "fixed32" or "sfixed32" => "fixed32",
        "fixed64" or "sfixed64" => "fixed64",
        "float" or "double" => type,
        _ => found?.Type is ProtoEnum ? "number" : type,
    };

    private enum FieldKind
    {
        Scalar,
        Map,
        Message,
    }
}
