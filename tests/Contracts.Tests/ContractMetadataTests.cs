using RealTimeMesh.Contracts;

namespace RealTimeMesh.Contracts.Tests;

public sealed class ContractMetadataTests
{
    private const string Schema = """
        {"type":"record","name":"R","doc":"what happened","owner":"desk@example.com","rules":[{"name":"positive","expr":"message.n > 0"}],"fields":[
          {"name":"n","type":"int"},
          {"name":"account","type":"string","pii":true},
          {"name":"people","type":{"type":"array","items":["null",{"type":"record","name":"P","fields":[{"name":"mail","type":"string","confluent:tags":["PII","CONTACT"]}]}]}}]}
        """;

    private const string Side = """
        {"metadata":{"tags":{"n":["COUNT"],"account":["FINANCE"]},"properties":{"owner":"risk@example.com","tier":"gold"}},
         "ruleSet":{"domainRules":[{"name":"encrypt","kind":"TRANSFORM","mode":"WRITEREAD","type":"ENCRYPT","tags":["PII"]}],"migrationRules":[{"name":"up","kind":"TRANSFORM","mode":"UPGRADE","type":"JSONATA","expr":"$"}]}}
        """;

    [Fact]
    public void Metadata_comes_from_the_schema_and_from_the_file_beside_it()
    {
        var metadata = ContractMetadata.FromSchema(Schema).With(ContractMetadata.FromFile(Side, "r.metadata.json"));

        Assert.Equal(("risk@example.com", "what happened", "gold"), (metadata.Owner, metadata.Description, metadata.Properties["tier"]));
        Assert.Equal(["account", "people.mail"], metadata.PiiFields);
        Assert.Equal(["PII", "FINANCE"], metadata.Tags["account"]);
        Assert.Equal(["positive", "encrypt", "up"], metadata.Rules.Select(rule => rule.Name));
    }

    [Fact]
    public void The_registrys_form_comes_back_as_it_went()
    {
        var metadata = ContractMetadata.FromFile(Side, "r.metadata.json");
        var back = ContractMetadata.FromRegistry(metadata.ToRegistryMetadata(), metadata.ToRegistryRules());

        Assert.Equal(metadata.Owner, back.Owner);
        Assert.Equal(metadata.Properties, back.Properties);
        Assert.Equal(metadata.PiiFields, back.PiiFields);
        Assert.Equal(metadata.Rules.Select(rule => (rule.Name, rule.Kind, rule.Mode, rule.Type, rule.Expression)), back.Rules.Select(rule => (rule.Name, rule.Kind, rule.Mode, rule.Type, rule.Expression)));
        Assert.Null(ContractMetadata.None.ToRegistryMetadata());
        Assert.Null(ContractMetadata.None.ToRegistryRules());
    }

    [Theory]
    [InlineData("[]", "found no JSON object")]
    [InlineData("{", "not JSON")]
    [InlineData("""{"ruleSet":{"domainRules":[{}]}}""", "found no 'name'")]
    public void A_file_that_is_none_is_named_with_the_reason(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<ContractException>(() => ContractMetadata.FromFile(json, "x")).Message, StringComparison.Ordinal);
}
