using Avro.Generic;
using Avro.IO;
using RealTimeMesh.Contracts.Values;
using Schema = Avro.Schema;

namespace RealTimeMesh.Contracts.Tests.Values;

/// <summary>Random schemas, values and evolutions: the Apache library must read and write the same bytes.</summary>
public sealed class OracleTests(ITestOutputHelper output)
{
    private const int Rounds = 800;

    [Fact]
    public void Values_of_random_schemas_are_the_same_bytes_to_the_Apache_library()
    {
        var seed = Seed();
        for (var round = 0; round < Rounds; round++)
        {
            var random = new Random(seed + round);
            var json = new RandomSchemas(random).Record().ToJsonString();
            var schema = AvroSchema.Parse(json);
            var value = RandomValues.Of(schema, random);
            var bytes = AvroCodec.Writer<object?>(schema).Write(value);

            var theirs = Theirs(Schema.Parse(json), Schema.Parse(json), bytes);
            Assert.True(bytes.AsSpan().SequenceEqual(theirs), $"seed {seed + round}: ours {Convert.ToHexString(bytes)}, theirs {Convert.ToHexString(theirs)}: {json}");
            var read = AvroCodec.Reader<object?>(schema).Read(bytes);
            Assert.True(AvroValueComparer.Instance.Equals(value, read), $"{value} {read} seed {seed + round}: {json}");
        }
    }

    [Fact]
    public void Values_of_random_evolutions_are_read_as_the_Apache_library_reads_them()
    {
        var seed = Seed();
        var (compared, refused) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var random = new Random(seed + round);
            var schemas = new RandomSchemas(random);
            var written = schemas.Record();
            var (writer, reader) = (written.ToJsonString(), schemas.Evolve(written).ToJsonString());
            if (!IsValid(reader))
                continue;

            var schema = AvroSchema.Parse(writer);
            var bytes = AvroCodec.Writer<object?>(schema).Write(RandomValues.Of(schema, random));
            var theirs = TryTheirs(writer, reader, bytes, out var theirError);
            var ours = TryOurs(writer, reader, bytes, out var ourError);

            var told = $"seed {seed + round}: ours {ourError}, theirs {theirError}, bytes {Convert.ToHexString(bytes)}, ours {(ours is null ? "" : Convert.ToHexString(ours))}, theirs {(theirs is null ? "" : Convert.ToHexString(theirs))}\n{writer}\n{reader}";
            Assert.True((ours is null) == (theirs is null), told);
            Assert.True(ours is null || ours.AsSpan().SequenceEqual(theirs), told);
            if (ours is null)
                refused++;
            else
                compared++;
        }

        output.WriteLine($"{compared} compared, {refused} refused by both");
        Assert.True(compared > Rounds / 4 && refused > 0);
    }

    /// <summary>The oracle has no say here: see <see cref="RandomSchemas.Evolve"/>.</summary>
    [Fact]
    public void Fields_renamed_with_an_alias_have_the_values_they_had()
    {
        var seed = Seed();
        for (var round = 0; round < Rounds / 2; round++)
        {
            var random = new Random(seed + round);
            var written = new RandomSchemas(random).Record();
            var renamed = written.DeepClone();
            foreach (var field in renamed["fields"]!.AsArray())
            {
                field!["aliases"] = new System.Text.Json.Nodes.JsonArray("unknown", field["name"]!.GetValue<string>());
                field["name"] = field["name"]!.GetValue<string>() + "_new";
            }

            var (writer, reader) = ((AvroRecord)AvroSchema.Parse(written.ToJsonString()), AvroSchema.Parse(renamed.ToJsonString()));
            var value = (AvroRecordValue)RandomValues.Of(writer, random)!;
            var read = (AvroRecordValue)AvroCodec.Reader<object?>(writer, reader).Read(AvroCodec.Writer<object?>(writer).Write(value))!;

            // A record that contains itself has other names in its parts: the outer values say enough.
            for (var i = 0; i < writer.Fields.Count; i++)
            {
                if (value[i] is not AvroRecordValue)
                    Assert.True(AvroValueComparer.Instance.Equals(value[i], read[writer.Fields[i].Name + "_new"]), $"seed {seed + round}: {written}");
            }
        }
    }

    private int Seed()
    {
        var seed = Environment.GetEnvironmentVariable("MESH_TEST_SEED") is { } given ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture) : Environment.TickCount & 0xFFFFFF;
        output.WriteLine($"seed {seed} (MESH_TEST_SEED)");
        return seed;
    }

    /// <summary>An evolution may take away the definition of a name that stands elsewhere too.</summary>
    private static bool IsValid(string schema)
    {
        try
        {
            AvroSchema.Parse(schema);
            Schema.Parse(schema);
            return true;
        }
        catch (Exception e) when (e is ContractException or Avro.AvroException)
        {
            return false;
        }
    }

    private static byte[]? TryOurs(string writer, string reader, byte[] bytes, out string? error)
    {
        error = null;
        try
        {
            var schema = AvroSchema.Parse(reader);
            var value = AvroCodec.Reader<object?>(AvroSchema.Parse(writer), schema).Read(bytes);
            return AvroCodec.Writer<object?>(schema).Write(value);
        }
        catch (ContractException e)
        {
            error = e.Message;
            return null;
        }
    }

    private static byte[]? TryTheirs(string writer, string reader, byte[] bytes, out string? error)
    {
        error = null;
        try
        {
            return Theirs(Schema.Parse(writer), Schema.Parse(reader), bytes);
        }
        catch (Avro.AvroException e)
        {
            error = e.Message;
            return null;
        }
    }

    private static byte[] Theirs(Schema writer, Schema reader, byte[] bytes)
    {
        var value = new GenericReader<object>(writer, reader).Read(null!, new BinaryDecoder(new MemoryStream(bytes)));
        using var stream = new MemoryStream();
        new GenericWriter<object>(reader).Write(value, new BinaryEncoder(stream));
        return stream.ToArray();
    }
}
